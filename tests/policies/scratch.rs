//! Scratch.
use synod::explore::{BareHost, perform};
use synod::scenario::{Job, Runnable};
use synod::seed::Seed;
use synod::trace::Detail;

#[test]
fn scratch() {
    let listed = synod_scenarios::corpus::by_name("policy/FreshKeys").unwrap();
    let story = listed.planted();
    let mut restarts = 0;
    let mut again = 0;
    for seed in 0..300 {
        let run = perform(&*story, &BareHost, &Job::of(Seed(seed))).unwrap();
        let text: Vec<String> =
            run.history.entries().iter().map(|e| format!("{} {} {:?}", e.at, e.node, e.event)).collect();
        let r = text.iter().filter(|t| t.contains("WithDisk") && t.contains(" a")).count();
        restarts += r;
        let a = text.iter().any(|t| t.contains("again/") || t.contains("again\""));
        again += usize::from(a);
        if a && again == 1 {
            println!("seed {seed}");
            text.iter().filter(|t| !t.contains("tX")).for_each(|t| println!("{t}"));
            println!("{:?}", run.judged);
        }
    }
    println!("restarts {restarts} again {again}");
    let catalogue = synod_scenarios::catalogue();
    let helpers = catalogue.find("helpers").unwrap() as &dyn Runnable;
    let run = perform(helpers, &BareHost, &Job::of(Seed(0)).detailed(Detail::Full)).unwrap();
    for (place, record) in run.trace.records().iter().enumerate() {
        let text = run.trace.text(place);
        if !format!("{text}").contains("Beat") && place < 100_000 {
            let line = format!("{} {} {} {}", record.at, record.node, record.happening.verb(), text);
            if !line.contains("beat") {
                println!("{}", line.chars().take(200).collect::<String>());
            }
        }
    }
}
