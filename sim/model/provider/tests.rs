//! Every shape as it is written, and what of it comes back.

use super::*;
use crate::model::{BuiltIn, ErrorKind, Message, Organisation, Quota, Schema, Speaker, Stop, Tool, ToolCall, Usage};
use crate::seed::{Seed, Streams};
use crate::time::{millis, seconds};
use std::fmt::Write;

pub(super) const STOPS: [Stop; 8] = [
    Stop::EndTurn,
    Stop::MaxTokens,
    Stop::Refusal,
    Stop::StopSequence,
    Stop::ToolUse,
    Stop::PauseTurn,
    Stop::ContextWindow,
    Stop::ContentFilter,
];

fn reply(stop: Stop) -> Reply {
    let call = ToolCall { id: "call_1".into(), name: "merge".into(), arguments: r#"{"branch":"a","into":"b"}"#.into() };
    let calls = if stop == Stop::ToolUse { vec![call] } else { Vec::new() };
    let usage = Usage { input_tokens: 12, output_tokens: 7 };
    let stopped_at = (stop == Stop::StopSequence).then(|| "\nPR-2".to_owned());
    Reply { text: "It merges.".into(), calls, stop, usage, stopped_at, taint: None }
}

fn request() -> Request {
    let call = reply(Stop::ToolUse).calls.remove(0);
    let mut request = Request::about(Slot(3)).say(Speaker::System, "Be brief.").say(Speaker::User, "Merge a.");
    request.messages.push(Message { calls: vec![call.clone()], ..Message::new(Speaker::Assistant, "") });
    request.messages.push(Message::result(&call, "merged"));
    let request = request.expecting(&Schema::of::<bool>()).stopping_at("\nPR-2");
    Request { max_tokens: Some(100), ..request }.offering(Tool::new("merge", "Merges.", Schema::of::<String>()))
}

fn shown(response: Option<Response>) -> String {
    let Some(response) = response else { return "no response\n".to_owned() };
    let mut text = format!("{}\n", response.status);
    for header in &response.headers {
        writeln!(text, "{}: {}", header.name, header.value).unwrap();
    }
    text + "\n" + &response.body + "\n"
}

#[test]
fn requests_are_written_as_documented() {
    for provider in Provider::ALL {
        let body = provider.request(&request(), Delivery::Streamed);
        insta::assert_snapshot!(format!("{provider:?}_request"), body);
    }
}

#[test]
fn replies_are_written_as_documented_for_every_reason_to_stop() {
    for provider in Provider::ALL {
        let all: String =
            STOPS.iter().map(|stop| shown(provider.respond(&Ok(reply(*stop)), Delivery::Whole))).collect();
        insta::assert_snapshot!(format!("{provider:?}_replies"), all);
    }
}

#[test]
fn streams_are_written_as_documented() {
    for provider in Provider::ALL {
        let text = shown(provider.respond(&Ok(reply(Stop::ToolUse)), Delivery::Streamed));
        insta::assert_snapshot!(format!("{provider:?}_stream"), text);
    }
}

#[test]
fn errors_are_written_as_documented() {
    for provider in Provider::ALL {
        let write = |kind: &ErrorKind| shown(provider.respond(&Err(ProviderError::of(*kind)), Delivery::Whole));
        let mut all: String = ErrorKind::ALL.iter().map(write).collect();
        let wait = ProviderError::of(ErrorKind::RateLimited).after(millis(1_500));
        all += &shown(provider.respond(&Err(wait), Delivery::Whole));
        for delivery in [Delivery::Whole, Delivery::Streamed] {
            all += &shown(provider.respond(&Err(ProviderError::in_stream(ErrorKind::Server)), delivery));
        }
        insta::assert_snapshot!(format!("{provider:?}_errors"), all);
    }
}

#[test]
fn every_error_comes_back_as_the_provider_can_say_it() {
    for provider in Provider::ALL {
        for kind in ErrorKind::ALL {
            let error = ProviderError::of(*kind);
            let Some(response) = provider.respond(&Err(error), Delivery::Whole) else {
                assert_eq!(kind.status(), None);
                continue;
            };
            assert_eq!(provider.read(&response), Err(errors::carried(*provider, &error)), "{provider:?} {kind:?}");
            let late = ProviderError::in_stream(*kind);
            for delivery in [Delivery::Whole, Delivery::Streamed] {
                let response = provider.respond(&Err(late), delivery).expect("a status");
                if response.status == 200 && *kind != ErrorKind::EmptyBody {
                    let read = provider.read(&response);
                    assert_eq!(read, Err(errors::carried(*provider, &late)), "{provider:?} {kind:?} {delivery:?}");
                }
            }
        }
    }
}

#[test]
fn a_wait_comes_back_and_milliseconds_win_over_seconds() {
    let error = ProviderError::of(ErrorKind::RateLimited).after(millis(1_500));
    let read = |provider: Provider| provider.read(&provider.respond(&Err(error), Delivery::Whole).unwrap());
    assert_eq!(read(Provider::OpenAi).unwrap_err().retry_after, Some(millis(1_500)));
    assert_eq!(read(Provider::Anthropic).unwrap_err().retry_after, Some(seconds(2)));
    let waiting = |value: &str| {
        Response { status: 429, headers: vec![Header::new("Retry-After", value)], body: String::new() }.retry_after()
    };
    assert_eq!(waiting("0.25"), Some(millis(250)));
    assert_eq!(waiting("17"), Some(seconds(17)));
    assert_eq!(waiting("Wed, 21 Oct 2015 07:28:00 GMT"), None);
}

#[test]
fn a_spend_cap_is_a_429_that_never_says_when() {
    for provider in Provider::ALL {
        let response = provider.respond(&Err(ProviderError::of(ErrorKind::SpendCap)), Delivery::Whole).unwrap();
        assert_eq!((response.status, response.retry_after()), (429, None), "{provider:?}");
        assert_eq!(provider.read(&response), Err(ProviderError::of(ErrorKind::SpendCap)), "{provider:?}");
        let limited = provider.respond(&Err(ProviderError::of(ErrorKind::RateLimited)), Delivery::Whole).unwrap();
        let bare = Response { headers: Vec::new(), ..limited };
        assert_eq!(provider.read(&bare).unwrap_err().kind, ErrorKind::RateLimited, "a limit that forgot its headers");
    }
}

#[test]
fn a_wait_until_a_date_counts_from_the_date_of_the_response() {
    let waiting = |date: &str| {
        let until = Header::new("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT");
        let headers = vec![until, Header::new("date", date)];
        Response { status: 429, headers, body: String::new() }.retry_after()
    };
    assert_eq!(waiting("Wed, 21 Oct 2015 07:27:30 GMT"), Some(seconds(30)));
    assert_eq!(waiting("Wed, 21 Oct 2015 07:29:00 GMT"), Some(seconds(0)));
}

#[test]
fn a_stream_cut_anywhere_is_an_error_and_never_a_shorter_reply() {
    for provider in Provider::ALL {
        let events = provider.events(&reply(Stop::ToolUse));
        for kept in 0..events.len() {
            let cut = Err(ProviderError::in_stream(ErrorKind::CutStream));
            assert_eq!(provider.accumulate(&events[..kept]), cut, "{provider:?} after {kept} events");
        }
    }
}

#[test]
fn the_schema_of_every_task_comes_back_from_a_request() {
    for task in BuiltIn::ALL {
        let problem = task.task().problem(&Streams::of(Seed(1)), Slot(0));
        let asked = problem.request();
        let schema = asked.schema.clone().expect("a task has a schema");
        let asked = asked.clone().offering(Tool::new("report", "", schema));
        for provider in Provider::ALL {
            let read = provider.read_request(&provider.request(&asked, Delivery::Whole), Slot(0)).unwrap();
            assert_eq!((&read.schema, &read.tools), (&asked.schema, &asked.tools), "{} by {provider:?}", task.name);
        }
    }
}

#[test]
fn a_server_error_after_the_status_is_the_servers() {
    let data = r#"{"error":{"message":"Whatever it says.","type":"server_error","param":null,"code":null}}"#;
    let event = StreamEvent { name: None, data: data.to_owned() };
    let read = Provider::OpenAi.accumulate(&[event]);
    assert_eq!(read, Err(ProviderError::in_stream(ErrorKind::Server)));
}

#[test]
fn type_and_code_tell_errors_apart_whatever_their_words() {
    let read = |status: u16, name: &str, code: &str| {
        let body = format!(r#"{{"error":{{"message":"New words.","type":"{name}","param":null,"code":{code}}}}}"#);
        Provider::OpenAi.read(&Response { status, headers: Vec::new(), body }).unwrap_err().kind
    };
    assert_eq!(read(429, "tokens", r#""rate_limit_exceeded""#), ErrorKind::RateLimited);
    assert_eq!(read(429, "tokens", "null"), ErrorKind::RateLimited);
    assert_eq!(read(429, "insufficient_quota", r#""insufficient_quota""#), ErrorKind::SpendCap);
    assert_eq!(read(400, "invalid_request_error", "17"), ErrorKind::InvalidRequest);
    assert_eq!(read(503, "server_error", "null"), ErrorKind::Unavailable);
}

#[test]
fn a_streamed_call_without_arguments_has_an_empty_object_of_them() {
    let mut silent = reply(Stop::ToolUse);
    silent.calls[0].arguments.clear();
    for delivery in [Delivery::Whole, Delivery::Streamed] {
        let response = Provider::Anthropic.respond(&Ok(silent.clone()), delivery).unwrap();
        assert_eq!(Provider::Anthropic.read(&response).unwrap().calls[0].arguments, "{}", "{delivery:?}");
    }
}

#[test]
fn an_empty_refusal_is_a_refusal() {
    let refusal = Reply { text: String::new(), ..reply(Stop::Refusal) };
    for provider in Provider::ALL {
        for delivery in [Delivery::Whole, Delivery::Streamed] {
            let response = provider.respond(&Ok(refusal.clone()), delivery).unwrap();
            assert_eq!(provider.read(&response).as_ref(), Ok(&refusal), "{provider:?} {delivery:?}");
        }
    }
}

#[test]
fn a_request_comes_back() {
    for provider in Provider::ALL {
        let body = provider.request(&request(), Delivery::Whole);
        let stops = if *provider == Provider::Responses { Vec::new() } else { request().stops };
        assert_eq!(provider.read_request(&body, Slot(3)), Ok(Request { stops, ..request() }), "{provider:?}");
    }
}

/// Anthropic refuses a transcript in which the results of one reply's calls are apart.
#[test]
fn results_of_one_replys_calls_share_a_message() {
    let calls: Vec<ToolCall> = ["c1", "c2"]
        .map(|id| ToolCall { id: id.into(), name: "merge".into(), arguments: r#"{"branch":"a"}"#.into() })
        .into();
    let mut request = Request { max_tokens: Some(9), ..Request::about(Slot(3)) };
    request.messages.push(Message { calls: calls.clone(), ..Message::new(Speaker::Assistant, "") });
    request.messages.extend(calls.iter().map(|call| Message::result(call, "merged")));
    let body: Json = serde_json::from_str(&Provider::Anthropic.request(&request, Delivery::Whole)).unwrap();
    let shape = |turn: &Json| (turn["role"].clone(), turn["content"].as_array().map(Vec::len));
    let turns: Vec<_> = body["messages"].as_array().unwrap().iter().map(shape).collect();
    assert_eq!(turns, [("assistant".into(), Some(2)), ("user".into(), Some(2))]);
    let read = Provider::Anthropic.read_request(&body.to_string(), Slot(3));
    assert_eq!(read, Ok(request));
}

#[test]
fn a_response_is_written_in_every_state_it_can_be_in() {
    let shapes = Progress::ALL.iter().map(|progress| progress.response(&reply(Stop::MaxTokens)) + "\n");
    insta::assert_snapshot!("Responses_states", shapes.collect::<String>());
}

#[test]
fn a_response_that_is_not_there_is_no_reply_and_says_why() {
    for progress in Progress::ALL {
        let body = progress.response(&reply(Stop::EndTurn));
        assert_eq!(Progress::of(&body), Ok(*progress));
        let read = Provider::Responses.read(&wire::whole(body));
        let expected = match progress {
            Progress::Completed => Ok(reply(Stop::EndTurn)),
            Progress::Incomplete => Ok(reply(Stop::MaxTokens)),
            Progress::Failed => Err(ErrorKind::Server),
            Progress::Queued | Progress::InProgress | Progress::Cancelled => Err(ErrorKind::CutStream),
        };
        assert_eq!(read, expected.map_err(ProviderError::in_stream), "{progress}");
        assert_eq!(progress.is_over(), !["queued", "in_progress"].contains(&progress.to_string().as_str()));
    }
}

#[test]
fn a_response_that_failed_tells_its_reason() {
    for (code, kind) in [("rate_limit_exceeded", ErrorKind::RateLimited), ("new_trouble", ErrorKind::Server)] {
        let body = responses::failed(code, "Whatever it says.");
        assert_eq!(Provider::Responses.read(&wire::whole(body)), Err(ProviderError::in_stream(kind)));
        let data = format!(r#"{{"type":"error","sequence_number":3,"code":"{code}","message":"x","param":null}}"#);
        let event = StreamEvent { name: Some("error".to_owned()), data };
        assert_eq!(Provider::Responses.accumulate(&[event]), Err(ProviderError::in_stream(kind)));
    }
}

#[test]
fn refusals_and_cut_replies_stream_as_such() {
    for provider in Provider::ALL {
        let all: String = [Stop::Refusal, Stop::MaxTokens, Stop::ContentFilter, Stop::StopSequence]
            .iter()
            .map(|stop| shown(provider.respond(&Ok(reply(*stop)), Delivery::Streamed)))
            .collect();
        insta::assert_snapshot!(format!("{provider:?}_other_streams"), all);
    }
}

#[test]
fn headers_are_written_as_documented() {
    let mut organisation = Organisation::new(Quota {
        input_per_minute: Some(80_000),
        output_per_minute: Some(16_000),
        ..Quota::strict(50)
    });
    let now = crate::time::Time::ZERO + millis(90_500);
    (0..50).for_each(|_| organisation.admit(now, 900).expect("within the quota"));
    let wait = organisation.admit(now, 900).expect_err("beyond it");
    let error = Err(ProviderError::of(ErrorKind::RateLimited).after(wait));
    for provider in Provider::ALL {
        let response = provider.respond(&error, Delivery::Whole).unwrap();
        let response = response.metered(*provider, &organisation.meters(now), now);
        insta::assert_snapshot!(format!("{provider:?}_headers"), shown(Some(response)));
    }
}

#[test]
fn errors_that_never_go_away_say_so_and_all_have_an_id() {
    for kind in ErrorKind::ALL {
        for provider in Provider::ALL {
            let Some(response) = provider.respond(&Err(ProviderError::of(*kind)), Delivery::Whole) else { continue };
            if response.status == 200 || *kind == ErrorKind::NotTheProvider {
                continue;
            }
            assert!(response.request_id().is_some_and(|id| id.starts_with("req_")), "{provider:?} {kind:?}");
            let carried = errors::carried_kind(*provider, *kind);
            let said = (*provider == Provider::Anthropic).then(|| !carried.is_permanent());
            assert_eq!(response.should_retry(), said, "{provider:?} {kind:?}");
        }
    }
    let saying = |value: &str| Response {
        status: 500,
        headers: vec![Header::new("X-Should-Retry", value)],
        body: String::new(),
    };
    assert_eq!(["true", "false", "perhaps"].map(|value| saying(value).should_retry()), [Some(true), Some(false), None]);
}

#[test]
fn who_asks_for_no_usage_gets_no_chunk_without_a_choice() {
    let bare = Provider::OpenAi.delivery(r#"{"stream":true}"#);
    let told = Provider::OpenAi.delivery(r#"{"stream":true,"stream_options":{"include_usage":true}}"#);
    assert_eq!((bare, told), (Delivery::StreamedBare, Delivery::Streamed));
    let whole = reply(Stop::EndTurn);
    let streamed = |delivery| Provider::OpenAi.respond(&Ok(whole.clone()), delivery).expect("a reply has a status");
    let (bare, told) = (streamed(bare), streamed(told));
    assert!(told.body.contains(r#""choices":[]"#) && !bare.body.contains(r#""choices":[]"#));
    let read = Provider::OpenAi.read(&bare).expect("a reply");
    assert_eq!((read.text, read.usage), (whole.text, crate::model::Usage::default()));
}
