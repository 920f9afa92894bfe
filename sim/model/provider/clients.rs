//! Requests as clients write them, not as Synod does: every form that an API takes for the same thing.

use super::*;
use crate::model::{Message, Speaker, ToolCall};

fn read(provider: Provider, body: &str) -> Request {
    provider.read_request(body, Slot(4)).unwrap_or_else(|error| panic!("{provider:?}: {error}: {body}"))
}

fn spoken(request: &Request) -> Vec<(Speaker, &str)> {
    request.messages.iter().map(|message| (message.role, message.text.as_str())).collect()
}

const OPENAI: Provider = Provider::OpenAi;
const ANTHROPIC: Provider = Provider::Anthropic;
const RESPONSES: Provider = Provider::Responses;

#[test]
fn text_may_be_a_string_or_a_list_of_parts() {
    for (provider, body) in [
        (
            OPENAI,
            r#"{"model":"m","messages":[{"role":"developer","content":"Be brief."},
                {"role":"user","content":"Merge a."}]}"#,
        ),
        (
            OPENAI,
            r#"{"model":"m","messages":[{"role":"system","content":[{"type":"text","text":"Be brief."}]},
                {"role":"user","content":[{"type":"text","text":"Merge "},{"type":"image_url","image_url":{"url":"u"}},
                {"type":"text","text":"a."}]}]}"#,
        ),
        (
            ANTHROPIC,
            r#"{"model":"m","max_tokens":9,"system":"Be brief.","messages":[{"role":"user","content":"Merge a."}]}"#,
        ),
        (
            ANTHROPIC,
            r#"{"model":"m","max_tokens":9,"system":[{"type":"text","text":"Be brief.",
                "cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user",
                "content":[{"type":"text","text":"Merge a."},{"type":"image","source":{}}]}]}"#,
        ),
        (RESPONSES, r#"{"model":"m","instructions":"Be brief.","input":"Merge a."}"#),
        (
            RESPONSES,
            r#"{"model":"m","text":{"verbosity":"low"},"input":[{"role":"system","content":"Be brief."},
                {"type":"message","role":"user","content":[{"type":"input_text","text":"Merge a."}]}]}"#,
        ),
    ] {
        let request = read(provider, body);
        let expected = [(Speaker::System, "Be brief."), (Speaker::User, "Merge a.")];
        assert_eq!(spoken(&request), expected, "{provider:?}: {body}");
    }
}

/// The second request of a loop over tools: what the model said before is sent back as it came.
#[test]
fn results_of_tools_come_in_every_form() {
    let call = ToolCall { id: "c1".into(), name: "merge".into(), arguments: r#"{"branch":"a"}"#.into() };
    let called = Message { calls: vec![call.clone()], ..Message::new(Speaker::Assistant, "Merging.") };
    let transcript =
        |result: &str| vec![Message::new(Speaker::User, "Merge a."), called.clone(), Message::result(&call, result)];
    for (provider, body, result) in [
        (
            OPENAI,
            r#"{"model":"m","messages":[{"role":"user","content":"Merge a."},{"role":"assistant","content":"Merging.",
                "refusal":null,"annotations":[],"tool_calls":[{"id":"c1","type":"function",
                "function":{"name":"merge","arguments":"{\"branch\":\"a\"}"}}]},
                {"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"merged"}]}]}"#,
            "merged",
        ),
        (
            ANTHROPIC,
            r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Merge a."},{"role":"assistant",
                "content":[{"type":"thinking","thinking":"…","signature":"s"},{"type":"text","text":"Merging."},
                {"type":"tool_use","id":"c1","name":"merge","input":{"branch":"a"}}]},{"role":"user",
                "content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"merged"}]}]}]}"#,
            "merged",
        ),
        (
            ANTHROPIC,
            r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Merge a."},{"role":"assistant",
                "content":[{"type":"text","text":"Merging."},
                {"type":"tool_use","id":"c1","name":"merge","input":{"branch":"a"}}]},{"role":"user",
                "content":[{"type":"tool_result","tool_use_id":"c1","is_error":true,"content":"no such branch"}]}]}"#,
            "error: no such branch",
        ),
        (
            ANTHROPIC,
            r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Merge a."},{"role":"assistant",
                "content":[{"type":"text","text":"Merging."},
                {"type":"tool_use","id":"c1","name":"merge","input":{"branch":"a"}}]},{"role":"user",
                "content":[{"type":"tool_result","tool_use_id":"c1"}]}]}"#,
            "",
        ),
        (
            RESPONSES,
            r#"{"model":"m","input":[{"role":"user","content":"Merge a."},{"type":"reasoning","id":"rs","summary":[]},
                {"type":"message","id":"msg","status":"completed","role":"assistant",
                "content":[{"type":"output_text","text":"Merging.","annotations":[]}]},
                {"type":"function_call","id":"fc","call_id":"c1","name":"merge","arguments":"{\"branch\":\"a\"}"},
                {"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"merged"}]}]}"#,
            "merged",
        ),
    ] {
        assert_eq!(read(provider, body).messages, transcript(result), "{provider:?}: {body}");
    }
}

#[test]
fn limits_have_old_names_and_a_providers_own_tools_are_passed_over() {
    let own = r#"{"name":"merge","description":"Merges.","input_schema":{"type":"string"}}"#;
    for (provider, body) in [
        (OPENAI, r#"{"model":"m","max_tokens":9,"messages":[]}"#.to_owned()),
        (OPENAI, r#"{"model":"m","max_completion_tokens":9,"messages":[]}"#.to_owned()),
        (RESPONSES, r#"{"model":"m","max_output_tokens":9,"input":[],"tools":[{"type":"web_search"}]}"#.to_owned()),
        (
            ANTHROPIC,
            format!(
                r#"{{"model":"m","max_tokens":9,"messages":[],"tools":[{{"type":"bash_1","name":"bash"}},{own}]}}"#
            ),
        ),
    ] {
        let request = read(provider, &body);
        assert_eq!(request.max_tokens, Some(9), "{provider:?}");
        let names: Vec<&str> = request.tools.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(names, if provider == ANTHROPIC { vec!["merge"] } else { vec![] }, "{provider:?}");
    }
}

#[test]
fn a_tool_without_parameters_takes_an_empty_object_and_a_schema_that_is_none_is_refused() {
    for (provider, body) in [
        (OPENAI, r#"{"model":"m","messages":[],"tools":[{"type":"function","function":{"name":"look"}}]}"#),
        (RESPONSES, r#"{"model":"m","input":[],"tools":[{"type":"function","name":"look","parameters":null}]}"#),
    ] {
        let request = provider.accept(body, Slot(4)).expect("a request");
        assert!(request.tools[0].admits("{}") && !request.tools[0].admits("7"), "{provider:?}");
    }
    let format = r#"{"type":"json_schema","json_schema":{"name":"r","schema":{"type":"owl"}}}"#;
    let body = format!(r#"{{"model":"m","messages":[],"response_format":{format}}}"#);
    let why = OPENAI.accept(&body, Slot(4)).expect_err("no schema").to_string();
    assert!(why.contains("Invalid schema for the format of the response"), "{why}");
}

#[test]
fn stop_sequences_are_one_text_a_list_or_nothing() {
    for (provider, body, stops) in [
        (OPENAI, r#"{"model":"m","stop":"END","messages":[]}"#, vec!["END"]),
        (OPENAI, r#"{"model":"m","stop":["END","\n\n"],"messages":[]}"#, vec!["END", "\n\n"]),
        (OPENAI, r#"{"model":"m","stop":null,"messages":[]}"#, vec![]),
        (ANTHROPIC, r#"{"model":"m","max_tokens":9,"stop_sequences":["END"],"messages":[]}"#, vec!["END"]),
        (ANTHROPIC, r#"{"model":"m","max_tokens":9,"messages":[]}"#, vec![]),
    ] {
        assert_eq!(read(provider, body).stops, stops, "{provider:?}: {body}");
    }
}

#[test]
fn what_is_no_request_is_rejected_with_the_reason() {
    for (provider, body, reason) in [
        (OPENAI, "{", "EOF while parsing"),
        (OPENAI, r#"{"model":"m"}"#, "missing field `messages`"),
        (OPENAI, r#"{"model":"m","messages":[{"role":"user","content":7}]}"#, "a text or a list of parts"),
        (ANTHROPIC, r#"{"model":"m","messages":[]}"#, "missing field `max_tokens`"),
        (ANTHROPIC, r#"{"model":"m","max_tokens":9,"messages":[{"role":"owl","content":""}]}"#, "the role owl"),
        (ANTHROPIC, r#"{"model":"m","max_tokens":9,"messages":[{"role":"user"}]}"#, "missing field `content`"),
        (RESPONSES, r#"{"model":"m","input":[{"content":"Hi."}]}"#, "a text or a list of items"),
        (OPENAI, r#"{"model":"m","stop":7,"messages":[]}"#, "a text, a list of texts or null"),
        (OPENAI, r#"{"model":"m","stop":["a","b","c","d","e"],"messages":[]}"#, "Invalid 'stop': array too long"),
        (
            ANTHROPIC,
            r#"{"model":"m","max_tokens":9,"stop_sequences":["\n"],"messages":[]}"#,
            "each stop sequence must contain non-whitespace",
        ),
    ] {
        let error = provider.read_request(body, Slot(4)).expect_err("no request");
        let response = provider.reject(&error);
        assert!(response.body.contains(reason), "{provider:?}: {}", response.body);
        let error = provider.read(&response).expect_err("a rejection");
        assert_eq!((error.status, error.kind), (Some(400), ErrorKind::InvalidRequest), "{provider:?}");
    }
}
