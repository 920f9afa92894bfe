//! Turns about two notes: what no single note shows to be wrong, and what each store makes of it.

use super::notes::{histories, histories_under, part, violations};
use synod::agent::Notes;
use synod::check::consistency::{NoLongFork, NoWriteSkew, Sight};
use synod::fault::Nemesis;
use synod::protocol::store::Level;
use synod::time::seconds;
use synod::{Agent, Result};

/// Goes off duty if the other is on: reads the other's note, thinks, writes its own.
async fn signs_off(agent: Agent) -> Result {
    let (own, other) = match agent.id().index() {
        0 => ("duty/one", "duty/two"),
        1 => ("duty/two", "duty/one"),
        _ => return Ok(()),
    };
    let mut notes = Notes::open(&agent)?;
    notes.write(own, &"on").await?;
    // Both are on duty by now, on whichever store.
    agent.sleep(seconds(20)).await;
    notes.begin_turn();
    let there: Option<String> = notes.read(other).await?;
    if there.as_deref() == Some("on") {
        agent.sleep(seconds(5 + agent.draw(10))).await;
        notes.write(own, &"off").await?;
    }
    Ok(())
}

#[test]
fn two_turns_that_sign_off_because_the_other_is_on_duty_are_skewed_on_every_store() {
    for level in Level::ALL {
        let histories = histories(level, Nemesis::none(), signs_off);
        let skewed = violations(NoWriteSkew { sight: Sight::Recorded }, &histories);
        assert!(skewed > 0, "{level}: nobody is on duty, and nothing is skewed");
    }
}

/// Writes a note of its own and looks at both.
async fn writes_one_and_looks_at_both(agent: Agent) -> Result {
    let (own, other) = match agent.id().index() {
        0 => ("one", "two"),
        1 => ("two", "one"),
        _ => return Ok(()),
    };
    let mut notes = Notes::open(&agent)?;
    notes.write(own, &"done").await?;
    notes.begin_turn();
    let _: Option<String> = notes.read(own).await?;
    let _: Option<String> = notes.read(other).await?;
    Ok(())
}

#[test]
fn turns_on_both_sides_of_a_cut_see_two_writes_in_opposite_orders_unless_a_majority_has_to_answer() {
    let check = NoLongFork { sight: Sight::Recorded };
    for level in [Level::Weak, Level::Eventual, Level::Causal] {
        let forked = violations(check, &histories_under(level, part, writes_one_and_looks_at_both));
        assert!(forked > 0, "{level}: each side shows its own write and not the other's");
    }
    let strong = histories_under(Level::Strong, part, writes_one_and_looks_at_both);
    assert_eq!(violations(check, &strong), 0, "a majority answers, or nobody");
}
