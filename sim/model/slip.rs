//! What goes wrong with a model's replies of itself, and how often. Draws one number a reply.

use crate::fault::{Kind, Part};
use crate::seed::{Ratio, Stream};
use serde::Serialize;

/// One thing that goes wrong of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Slip {
    /// What.
    pub kind: Kind,
    /// How often, of all replies.
    pub rate: Ratio,
}

/// One of MAST's failure modes: its name, how many of 10,000 failures it is, and what a model does then.
struct Mode {
    share: u32,
    kind: Kind,
}

/// The fourteen modes of MAST (arXiv 2503.13657 v3), shares in parts of 10,000.
const MAST: [Mode; 14] = [
    // Disobeys the task's specification: the asked-for form first of all.
    Mode { share: 1_180, kind: Kind::FormatDrift },
    // Disobeys its role.
    Mode { share: 150, kind: Kind::RoleConfusion },
    // Step repetition. It shows as a reply that repeats itself; that of a finished call is `repeated_call`, which is
    // asked for beside this mixture where agents have tools.
    Mode { share: 1_570, kind: Kind::RepetitionLoop },
    // Loss of conversation history: the context is cut short without a word.
    Mode { share: 280, kind: Kind::HistoryTruncated },
    // Unaware of termination conditions.
    Mode { share: 1_240, kind: Kind::NeverDone },
    // Conversation reset: the dialogue begins anew, and what was reached is lost.
    Mode { share: 220, kind: Kind::ConversationReset },
    // Fails to ask for clarification, and assumes wrongly instead. The assumption shows as a wrong answer about what it
    // was asked, and as nothing else: a reply of a given form has no place for a question, nor for the word "assumed".
    Mode { share: 680, kind: Kind::WrongAnswer },
    // Task derailment: an answer, but not to this question.
    Mode { share: 740, kind: Kind::Derailment },
    // Information withholding.
    Mode { share: 85, kind: Kind::PartialTruth },
    // Ignored other agent's input: strikes where peers are heard.
    Mode { share: 190, kind: Kind::IgnoredPeers },
    // Reasoning and action do not match.
    Mode { share: 1_320, kind: Kind::SaidNotDone },
    // Premature termination.
    Mode { share: 620, kind: Kind::PrematureDone },
    // No or incomplete verification: approves without a look. Strikes where a check is asked for.
    Mode { share: 820, kind: Kind::RubberStamp },
    // Incorrect verification: looks, and judges wrongly for a reason. The same.
    Mode { share: 910, kind: Kind::WrongVerdict },
];

/// Rates are compared in parts of this.
const WHOLE: u64 = 1_000_000;

impl Slip {
    /// Something that goes wrong so often.
    ///
    /// # Panics
    /// If it is nothing a model's own reply could do.
    #[must_use]
    pub const fn new(kind: Kind, rate: Ratio) -> Slip {
        assert!(matches!(kind.part(), Part::ModelContent), "only what a model says can slip");
        Slip { kind, rate }
    }

    /// MAST's mixture, in so many replies of all. Each of its fourteen modes is a content fault of its own, so that a
    /// transcript tells them apart. What finds nothing to strike changes nothing: a check where none is asked for,
    /// peers where none are heard, a conversation that has just begun.
    ///
    /// ```
    /// use synod::{fault::Kind, model::Slip, seed::Ratio};
    /// let mixture = Slip::mast(Ratio::percent(50));
    /// let looping = mixture.iter().find(|slip| slip.kind == Kind::RepetitionLoop).unwrap();
    /// // 15.7 % of the failures of half of all replies; the shares of the study add up to 100.05 %.
    /// assert_eq!(looping.rate, Ratio::of(78_460, 1_000_000));
    /// ```
    #[must_use]
    pub fn mast(rate: Ratio) -> Vec<Slip> {
        let all: u64 = MAST.iter().map(|mode| u64::from(mode.share)).sum();
        let part = |share: u64| u32::try_from(rate.part_of(WHOLE) * share / all).expect("less than the whole");
        let mut slips: Vec<Slip> = Vec::new();
        for Mode { kind, .. } in MAST {
            if slips.iter().all(|slip| slip.kind != kind) {
                let share = MAST.iter().filter(|mode| mode.kind == kind).map(|mode| u64::from(mode.share)).sum();
                slips.push(Slip::new(kind, Ratio::of(part(share), WHOLE as u32)));
            }
        }
        slips
    }

    /// What goes wrong this time, if anything: one draw, whatever the slips are.
    ///
    /// # Panics
    /// If they add up to more than every reply.
    pub(super) fn drawn(slips: &[Slip], draws: &mut Stream) -> Option<Kind> {
        let drawn = draws.choose(0, WHOLE - 1, WHOLE - 1);
        let mut below = 0;
        let struck = slips.iter().find(|slip| {
            below += slip.rate.part_of(WHOLE);
            drawn < below
        });
        let all: u64 = slips.iter().map(|slip| slip.rate.part_of(WHOLE)).sum();
        assert!(all <= WHOLE, "what slips of itself adds up to more than every reply");
        struck.map(|slip| slip.kind)
    }
}
