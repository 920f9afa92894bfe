//! Trips of three bookings. As usually written, what was booked is cancelled when something fails, from memory: a crash
//! in the middle leaves half a trip. As a saga, every trip is booked whole or cancelled whole, wherever a crash comes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use synod::check::{AllOrNothing, EffectAtMostOnce};
use synod::fact::Fact;
use synod::fault::{Kind, Nemesis};
use synod::model::ToolCall;
use synod::policy::{Act, Ending, Plan, Retry, Saga, Way};
use synod::scenario::Story;
use synod::time::{Duration, minutes, seconds};
use synod::tool::{Invocation, Service, Toolbox};
use synod::{Agent, Result, Sim};

const TRAVELLERS: u16 = 3;
const TRIPS: u64 = 4;
const ITEMS: [&str; 3] = ["flight", "hotel", "car"];
/// Between two trips: four of them cover the half minute in which faults begin.
const PAUSE: Duration = seconds(10);
/// The service works for .9 s at most, for three travellers.
const PATIENCE: Duration = seconds(3);
/// Faults act no longer: a service that is paused at every eighth booking for as long as it is asked serves nobody,
/// and who may not reach it can undo nothing.
const TROUBLE: Duration = minutes(1);
/// By then each saga is over: four trips, and the queue that the trouble left at the service.
const END: Duration = minutes(5);

/// Books and cancels.
struct Travel;

/// A booking of a trip, or its cancellation.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Order {
    trip: String,
    item: String,
    cancel: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Booking {
    Stands,
    Cancelled,
}

impl Service for Travel {
    type Arguments = Order;
    type Output = String;
    type State = BTreeMap<String, Booking>;
    const NAME: &'static str = "travel";
    const ABOUT: &'static str = "Books an item of a trip, or cancels it, whether it was booked or not.";

    fn call(&self, bookings: &mut BTreeMap<String, Booking>, order: Order) -> std::result::Result<String, String> {
        let Order { trip, item, cancel } = order;
        let name = format!("{trip}/{item}");
        if cancel {
            // Remembered even if there was no booking: it may still be on its way.
            bookings.insert(name.clone(), Booking::Cancelled);
            return Ok(format!("{name} is cancelled"));
        }
        if bookings.get(&name) == Some(&Booking::Cancelled) {
            return Err(format!("{name} was cancelled"));
        }
        // Every fourth trip, by the sum of its name's letters, finds no car.
        if item == ITEMS[2] && trip.bytes().map(u64::from).sum::<u64>() % 4 == 0 {
            return Err("there is no car".to_owned());
        }
        bookings.insert(name.clone(), Booking::Stands);
        Ok(format!("{name} is booked"))
    }
}

static TOOLS: LazyLock<Toolbox> = LazyLock::new(|| Toolbox::default().with(Travel));

/// One booking or cancellation, each under its own key.
async fn order(agent: &Agent, trip: &str, Act { step, way, key }: Act) -> Result<()> {
    let cancel = way == Way::Back;
    let arguments = format!(r#"{{"trip":"{trip}","item":"{step}","cancel":{cancel}}}"#);
    let call = ToolCall { id: key.clone(), name: Travel::NAME.to_owned(), arguments };
    agent.call(Invocation::of(&call).key(key).within(PATIENCE)).await.map(drop)
}

/// As usually written: books one after the other, and cancels what it remembers if one fails.
async fn hopeful(agent: Agent) -> Result<()> {
    for number in 0..TRIPS {
        agent.sleep(Duration(agent.draw(PAUSE.0))).await;
        // A number of its own, as forms get one when they are opened.
        let trip = format!("trip-{}-{number}-{}", agent.id(), agent.now().0);
        agent.note(Fact::Planned { work: trip.clone(), steps: ITEMS.map(str::to_owned).into() });
        agent.undertake(&trip, END);
        let mut booked = Vec::new();
        for item in ITEMS {
            let key = format!("{trip}/{item}");
            match order(&agent, &trip, Act { step: item.to_owned(), way: Way::Forth, key }).await {
                Ok(()) => booked.push(item),
                Err(_) => {
                    for item in booked.drain(..) {
                        let key = format!("{trip}/{item}/undo");
                        let _ = order(&agent, &trip, Act { step: item.to_owned(), way: Way::Back, key }).await;
                    }
                    break;
                }
            }
        }
        agent.conclude(&trip, if booked.is_empty() { vec![trip.clone()] } else { Vec::new() });
    }
    agent.decide("travelled").await
}

/// As it should be: each trip is a saga.
async fn careful(agent: Agent, made: impl Fn(Saga) -> Saga) -> Result<()> {
    let plan = Plan::new(Retry::times(3)).each(PATIENCE);
    let first = agent.last_saga().await.and_then(|name| name.rsplit('-').next()?.parse().ok()).unwrap_or(0);
    for number in first..TRIPS {
        agent.sleep(Duration(agent.draw(PAUSE.0))).await;
        let trip = format!("trip-{}-{number}", agent.id());
        let carry_out = |act: Act| {
            let (agent, trip) = (agent.clone(), trip.clone());
            async move { order(&agent, &trip, act).await }
        };
        agent.undertake(&trip, END);
        let ending = agent.saga(made(Saga::new(&trip, ITEMS)), plan.clone(), carry_out).await?;
        agent.conclude(&trip, if ending == Ending::Done { Vec::new() } else { vec![trip.clone()] });
    }
    agent.decide("travelled").await
}

/// Agents and the service crash and pause, messages are lost, late and doubled.
fn nemesis() -> Nemesis {
    let crashes = Nemesis::only(Kind::Crash) + Nemesis::only(Kind::CrashAfterPersist) + Nemesis::only(Kind::Pause);
    Nemesis::network() + crashes
}

/// Travellers who remember what they booked.
pub(crate) fn trips() -> Story {
    let body = |sim: Sim| async move {
        sim.team(TRAVELLERS, hopeful).tools(TOOLS.clone());
        sim.nemesis(nemesis()).heal_after(TROUBLE).run_for(END).await;
        sim.check(AllOrNothing);
    };
    Story::new("trips", body)
        .about("three agents book trips of three items; what fails is cancelled from memory")
        .violates(&AllOrNothing)
}

/// Travellers with sagas.
pub(crate) fn trips_saga() -> Story {
    trips_saga_of(|saga| saga)
}

/// The same with sagas made so.
#[must_use]
pub fn trips_saga_of(made: impl Fn(Saga) -> Saga + Copy + Send + Sync + 'static) -> Story {
    let body = move |sim: Sim| async move {
        sim.team(TRAVELLERS, move |agent| careful(agent, made)).tools(TOOLS.clone());
        sim.nemesis(nemesis()).heal_after(TROUBLE).run_for(END).await;
        sim.check(AllOrNothing);
        sim.check(EffectAtMostOnce);
    };
    Story::new("trips_saga", body)
        .about("the same as sagas: written down before it is done, undone in reverse, each under its own key")
        .expect(&AllOrNothing)
        .expect(&EffectAtMostOnce)
}
