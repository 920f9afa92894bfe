//! What is left when a run ends: who waits for what, who waits for nothing that can come, what is dropped.

use super::agents::{Parent, Task};
use super::desk::Wait;
use super::process::Body;
use super::recorder::Note;
use super::{Phase, World, contain};
use crate::digest::digest_of;
use crate::protocol::team::TeamProtocol;
use crate::trace::{Cause, Happening, Mark};

/// What an agent does that waits for nothing of ours.
const OUTSIDE: &str = "awaits something outside the simulation, which never comes: agents can wait for messages, their \
    model, tools, sleeps, their disk, sub-agents and futures of their own";

impl<P: TeamProtocol> World<P> {
    /// Nothing is due. Agents that seem to wait for messages are polled once more, as any future may be: readers that
    /// were dropped since do not ask again.
    pub(super) fn look_again(&mut self) {
        for process in &self.processes {
            if let Body::Async(task) = &process.body {
                task.waker.wake_by_ref();
            }
        }
        self.ring();
    }

    /// Nothing more can happen: an agent that waits for nothing of ours waits for ever.
    pub(super) fn strand(&mut self) {
        if self.phase == Phase::Over {
            return;
        }
        let stranded = (0..self.processes.len()).find(|process| self.is_stranded(*process));
        if let Some(process) = stranded {
            let process = u32::try_from(process).expect("fewer than four billion processes");
            self.fail(Some(self.who(process)), OUTSIDE.to_owned());
        }
    }

    /// The run was stopped early: an agent that waits for nothing of ours could have been woken by nobody but a
    /// sub-agent that shares something with it.
    pub(super) fn find_strays(&mut self) {
        if !self.has_sub_agents() {
            self.strand();
        }
    }

    fn has_sub_agents(&self) -> bool {
        self.live.len() > self.members.len()
    }

    fn is_stranded(&self, process: usize) -> bool {
        let Body::Async(task) = &self.processes[process].body else { return false };
        task.is_asleep() && task.desk.waits(&task.waker).is_empty()
    }

    /// What each live agent still waits for, as the trace tells it too.
    pub(super) fn waiting_agents(&mut self) -> Vec<String> {
        let mut reports = Vec::new();
        for process in 0..u32::try_from(self.processes.len()).expect("fewer than four billion processes") {
            let Body::Async(task) = &self.processes[process as usize].body else { continue };
            let what = self.waits_of(process, task);
            let who = self.who(process);
            self.recorder
                .record_with(who, Happening::Waits, Cause::NONE, Note::about(digest_of(&what)), || what.clone());
            reports.push(format!("{} waits for {what}", who.node));
        }
        reports
    }

    fn waits_of(&self, process: u32, task: &Task) -> String {
        if !task.is_asleep() {
            return "its own turn: it could not run".to_owned();
        }
        let words: Vec<String> =
            task.desk.waits(&task.waker).iter().map(|wait| self.words_of(process, *wait)).collect();
        if words.is_empty() { "something outside the simulation".to_owned() } else { words.join(" and ") }
    }

    fn words_of(&self, process: u32, wait: Wait) -> String {
        match wait {
            Wait::Message(what) => format!("a message of type {what}"),
            Wait::Sleep => "a sleep".to_owned(),
            Wait::Reply => "its model's reply".to_owned(),
            Wait::Tool => "a tool's answer".to_owned(),
            Wait::Store => "its store's answer".to_owned(),
            Wait::Disk => "its disk".to_owned(),
            Wait::SubAgent(ticket) => {
                let parent = Some(Parent { process, ticket });
                let child = self.processes.iter().find_map(|child| match &child.body {
                    Body::Async(task) if task.parent == parent => Some((child.node, task.role.as_deref()?)),
                    _ => None,
                });
                child.map_or_else(|| "a sub-agent".to_owned(), |(node, role)| format!("sub-agent {node} ({role})"))
            }
        }
    }

    /// A parent is gone: its sub-agents work on for nobody.
    pub(super) fn orphan(&mut self, parent: u32, cause: Cause) {
        if !self.has_sub_agents() {
            return;
        }
        let of = self.who(parent).node;
        for child in 0..u32::try_from(self.processes.len()).expect("fewer than four billion processes") {
            let Body::Async(task) = &self.processes[child as usize].body else { continue };
            if task.parent.is_some_and(|its| its.process == parent) {
                let note = Note::about(digest_of(&task.role)).with(of).marked(Mark::LATE);
                let who = self.who(child);
                self.recorder.record_with(who, Happening::Orphaned, cause, note, || format!("its parent {of} is gone"));
            }
        }
    }

    /// Drops what still runs; its own code may panic even on the way out.
    pub(super) fn drop_agents(&mut self) {
        for process in 0..u32::try_from(self.processes.len()).expect("fewer than four billion processes") {
            let body = std::mem::replace(&mut self.processes[process as usize].body, Body::Dead);
            if let Err(panicked) = contain(|| drop(body)) {
                self.fail(Some(self.who(process)), format!("{panicked}, while the agent was dropped"));
            }
        }
    }
}
