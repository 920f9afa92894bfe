//! Laws: what is written is read back equal, for requests, schemas, replies, streams, waits and what is left of quotas.

use super::tests::STOPS;
use super::*;
use crate::id::NodeId;
use crate::model::{
    Acceleration, Excess, Message, Meter, Meters, Organisation, Quota, Schema, Speaker, Stop, Tool, ToolCall, Usage,
    canonical,
};
use crate::time::{Duration, Time, seconds};
use proptest::prelude::*;

const NANOS: u64 = 1_000_000_000;

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![Just(Json::Null), any::<bool>().prop_map(Json::from), any::<i64>().prop_map(Json::from)];
    let leaf = prop_oneof![leaf, ".{0,8}".prop_map(Json::from)];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[a-z$]{0,6}", inner, 0..4).prop_map(Json::from_iter),
        ]
    })
}

fn any_object() -> impl Strategy<Value = Json> {
    prop::collection::btree_map("[a-z]{1,6}", any_json(), 0..4).prop_map(Json::from_iter)
}

/// A schema is any object; a tool's arguments and a reply's form have one.
fn any_schema() -> impl Strategy<Value = Schema> {
    any_object().prop_map(Schema::from)
}

fn any_call() -> impl Strategy<Value = ToolCall> {
    ("[a-z0-9_]{1,8}", "[a-z_]{1,8}", any_object()).prop_map(|(id, name, arguments)| ToolCall {
        id,
        name,
        arguments: canonical(&arguments),
    })
}

/// A question, what the model says to it, and the results of the tools it calls.
fn any_exchange() -> impl Strategy<Value = Vec<Message>> {
    let calls = prop::collection::vec((any_call(), ".{0,12}"), 0..3);
    (".{1,20}", ".{0,20}", calls).prop_map(|(asked, said, called)| {
        let calls: Vec<ToolCall> = called.iter().map(|(call, _)| call.clone()).collect();
        let mut messages = vec![Message::new(Speaker::User, asked)];
        messages.push(Message { calls, ..Message::new(Speaker::Assistant, said) });
        messages.extend(called.iter().map(|(call, result)| Message::result(call, result.clone())));
        messages
    })
}

/// A transcript as an agent's shell makes one.
fn any_request() -> impl Strategy<Value = Request> {
    let system = prop::collection::vec(".{0,20}", 0..2);
    let exchanges = prop::collection::vec(any_exchange(), 0..3);
    let tools = prop::collection::vec(("[a-z_]{1,8}", ".{0,12}", any_schema()), 0..3);
    let stops = prop::collection::vec("\\s?[^\\s]{1,4}", 0..4);
    (system, exchanges, ".{1,20}", prop::option::of(any_schema()), tools, (1u32..10_000, stops)).prop_map(
        |(system, exchanges, last, schema, tools, (most, stops))| {
            let mut request = Request { schema, max_tokens: Some(most), stops, ..Request::about(Slot(4)) };
            request.messages.extend(system.into_iter().map(|text| Message::new(Speaker::System, text)));
            request.messages.extend(exchanges.into_iter().flatten());
            request.messages.push(Message::new(Speaker::User, last));
            request.tools = tools.into_iter().map(|(name, about, schema)| Tool::new(name, about, schema)).collect();
            request
        },
    )
}

/// Any messages in any order, sensible or not.
fn any_babble() -> impl Strategy<Value = Request> {
    let speaker = prop_oneof![
        Just(Speaker::System),
        Just(Speaker::User),
        Just(Speaker::Assistant),
        Just(Speaker::Peer(NodeId::agent(1))),
        Just(Speaker::Tool),
    ];
    let calls = prop::collection::vec(("[a-z]{0,4}", ".{0,4}", ".{0,8}"), 0..3);
    let message = (speaker, ".{0,12}", calls, prop::option::of("[a-z]{0,4}"));
    (prop::collection::vec(message, 0..6), prop::option::of(any::<u32>())).prop_map(|(messages, max_tokens)| {
        let message = |(role, text, calls, answers): (Speaker, String, Vec<(String, String, String)>, _)| Message {
            role,
            text,
            calls: calls.into_iter().map(|(id, name, arguments)| ToolCall { id, name, arguments }).collect(),
            answers,
        };
        let messages = messages.into_iter().map(message).collect();
        Request { messages, max_tokens, ..Request::about(Slot(4)) }
    })
}

fn any_reply() -> impl Strategy<Value = Reply> {
    let arguments = prop_oneof![any_object().prop_map(|json| canonical(&json)), ".{0,12}"];
    let call = ("[a-z0-9]{1,6}", ".{1,8}", arguments);
    let calls = prop::collection::vec(call.prop_map(|(id, name, arguments)| ToolCall { id, name, arguments }), 0..3);
    (".{0,30}", calls, prop::sample::select(&STOPS), ".{1,6}", any::<u32>(), any::<u32>()).prop_map(
        |(text, calls, stop, sequence, input_tokens, output_tokens)| Reply {
            text,
            calls,
            stop,
            usage: Usage { input_tokens, output_tokens },
            // A provider that says which was come upon says so only where that is why the reply ended.
            stopped_at: (stop == Stop::StopSequence).then_some(sequence),
            taint: None,
        },
    )
}

fn any_meter() -> impl Strategy<Value = Meter> {
    (any::<u32>(), any::<u32>(), 0u64..200_000 * NANOS).prop_map(|(limit, remaining, reset)| Meter {
        limit,
        remaining,
        reset: Duration(reset),
    })
}

fn any_meters() -> impl Strategy<Value = Meters> {
    let meter = || prop::option::of(any_meter());
    (meter(), meter(), meter(), meter()).prop_map(|(requests, tokens, input_tokens, output_tokens)| Meters {
        requests,
        tokens,
        input_tokens,
        output_tokens,
    })
}

/// What of a meter Anthropic's headers carry at this instant: whole seconds, counted from a date in whole seconds, and
/// tokens to the nearest thousand.
fn carried_by_anthropic(meter: Meter, now: Time, grain: u64) -> Meter {
    let until = (now.0 + meter.reset.0).div_ceil(NANOS) - now.0 / NANOS;
    let remaining = (u64::from(meter.remaining) + grain / 2) / grain * grain;
    Meter { remaining: u32::try_from(remaining).unwrap_or(4_294_967_000), reset: Duration(until * NANOS), ..meter }
}

/// What of a meter OpenAI's headers carry: milliseconds, rounded up.
fn carried_by_openai(meter: Meter) -> Meter {
    Meter { reset: Duration(meter.reset.0.div_ceil(1_000_000) * 1_000_000), ..meter }
}

fn bare() -> Response {
    Response { status: 429, headers: Vec::new(), body: String::new() }
}

proptest! {
    #[test]
    fn a_transcript_comes_back_with_its_schemas_and_tools(request in any_request()) {
        for provider in Provider::ALL {
            for delivery in [Delivery::Whole, Delivery::Streamed] {
                let body = provider.request(&request, delivery);
                let read = provider.read_request(&body, Slot(4)).unwrap();
                let stops = if *provider == Provider::Responses { Vec::new() } else { request.stops.clone() };
                prop_assert_eq!(&read, &Request { stops, ..request.clone() }, "{:?}: {}", provider, body);
            }
        }
    }

    #[test]
    fn what_is_left_of_any_messages_stays_as_it_is(request in any_babble()) {
        for provider in Provider::ALL {
            let carried = |request: &Request| {
                provider.read_request(&provider.request(request, Delivery::Whole), Slot(4)).unwrap()
            };
            let once = carried(&request);
            prop_assert_eq!(&carried(&once), &once, "{:?}", provider);
        }
    }

    #[test]
    fn a_reply_comes_back(reply in any_reply()) {
        for provider in Provider::ALL {
            for delivery in [Delivery::Whole, Delivery::Streamed] {
                let read = provider.read(&provider.respond(&Ok(reply.clone()), delivery).unwrap()).unwrap();
                // Anthropic streams arguments as text, and makes them an object only in a whole.
                let read = if delivery == Delivery::Streamed { provider.carried(&read) } else { read };
                prop_assert_eq!(read, provider.carried(&reply), "{:?} {:?}", provider, delivery);
            }
        }
    }

    #[test]
    fn a_stream_cut_at_any_boundary_is_an_error(reply in any_reply()) {
        let cut = Err(ProviderError::in_stream(ErrorKind::CutStream));
        for provider in Provider::ALL {
            let events = provider.events(&reply);
            for kept in 0..events.len() {
                prop_assert_eq!(&provider.accumulate(&events[..kept]), &cut, "{:?} after {}", provider, kept);
            }
        }
    }

    #[test]
    fn what_is_left_of_a_quota_comes_back(meters in any_meters(), now in 0u64..100_000 * NANOS) {
        let now = Time(now);
        for provider in [Provider::OpenAi, Provider::Responses] {
            let read = bare().metered(provider, &meters, now).meters(provider);
            let openai = |meter: Option<Meter>| meter.map(carried_by_openai);
            let expected =
                Meters { requests: openai(meters.requests), tokens: openai(meters.tokens), ..Meters::default() };
            prop_assert_eq!(read, expected);
        }
        let of = |meter: Option<Meter>, grain| meter.map(|meter| carried_by_anthropic(meter, now, grain));
        let expected = Meters {
            requests: of(meters.requests, 1),
            tokens: of(meters.tokens, 1_000),
            input_tokens: of(meters.input_tokens, 1_000),
            output_tokens: of(meters.output_tokens, 1_000),
        };
        prop_assert_eq!(bare().metered(Provider::Anthropic, &meters, now).meters(Provider::Anthropic), expected);
    }

    #[test]
    fn a_wait_comes_back_in_each_form(wait in 0u64..1_000_000 * NANOS, now in 0u64..100_000 * NANOS) {
        let (wait, now) = (Duration(wait), Time(now));
        let whole = Duration(wait.0.div_ceil(NANOS) * NANOS);
        for form in WaitForm::ALL {
            let mut response = bare().metered(Provider::OpenAi, &Meters::default(), now);
            response.headers.push(form.header(wait, now));
            let expected = if matches!(form, WaitForm::Seconds | WaitForm::Date) { whole } else { wait };
            prop_assert_eq!(response.retry_after(), Some(expected), "{:?}", form);
        }
    }
}

/// The bodies of a few streams, cut within their events too: no part of a stream is taken for a shorter reply.
#[test]
fn a_stream_cut_at_any_byte_is_an_error() {
    let call = ToolCall { id: "call_1".into(), name: "merge".into(), arguments: r#"{"branch":"ä, b"}"#.into() };
    let said = |text: &str, stop| Reply {
        text: text.to_owned(),
        calls: Vec::new(),
        stop,
        usage: Usage { input_tokens: 3, output_tokens: 2 },
        stopped_at: None,
        taint: None,
    };
    let called = Reply { calls: vec![call], ..said("Now then.", Stop::ToolUse) };
    for reply in [said("It merges.", Stop::EndTurn), said("No.", Stop::Refusal), said("It", Stop::MaxTokens), called] {
        for provider in Provider::ALL {
            let whole = provider.respond(&Ok(reply.clone()), Delivery::Streamed).unwrap();
            for end in (1..whole.body.len()).filter(|end| whole.body.is_char_boundary(*end)) {
                let cut = Response { body: whole.body[..end].to_owned(), ..whole.clone() };
                let read = provider.read(&cut);
                assert_eq!(read, Err(ProviderError::in_stream(ErrorKind::CutStream)), "{provider:?} at byte {end}");
            }
            assert_eq!(provider.carried(&provider.read(&whole).unwrap()), provider.carried(&reply));
        }
    }
}

/// The headers of an organisation's real buckets say when it admits the next call.
#[test]
fn headers_of_real_buckets_tell_what_is_admitted() {
    let quota = Quota {
        input_per_minute: Some(60_000),
        output_per_minute: Some(30_000),
        acceleration: Some(Acceleration { floor: 100, growth_percent: 100 }),
        excess: Excess::Rejected,
        ..Quota::strict(3)
    };
    let mut organisation = Organisation::new(quota);
    let now = Time::ZERO + seconds(10);
    for remaining in (0..3).rev() {
        organisation.admit(now, 1_000).expect("three calls a minute");
        for provider in Provider::ALL {
            let told = bare().metered(*provider, &organisation.meters(now), now).meters(*provider);
            assert_eq!(told.requests.map(|meter| meter.remaining), Some(remaining), "{provider:?}");
        }
    }
    let wait = organisation.admit(now, 1_000).expect_err("the fourth");
    assert_eq!(wait, seconds(20), "a call is added every twenty seconds");
    let told = bare().metered(Provider::Anthropic, &organisation.meters(now), now).meters(Provider::Anthropic);
    let left = |meter: Option<Meter>| meter.map(|meter| (meter.limit, meter.remaining, meter.reset));
    assert_eq!(left(told.requests), Some((3, 0, seconds(60))), "until it is full, which is not until the next call");
    assert_eq!(left(told.input_tokens), Some((60_000, 57_000, seconds(3))));
    assert_eq!(left(told.output_tokens), Some((30_000, 30_000, seconds(0))));
    assert_eq!(left(told.tokens), Some((90_000, 87_000, seconds(3))));
}
