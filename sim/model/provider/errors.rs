//! Errors of all providers: a table each, from kind to status, type, code and words, and back. Knows no reply.

use super::{Delivery, Header, Provider, Response, StreamEvent, headers, responses, responses_stream, stream, wire};
use crate::model::{ErrorKind, ProviderError};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// How a provider says one kind of error.
struct Row {
    kind: ErrorKind,
    status: u16,
    name: &'static str,
    code: Option<&'static str>,
    message: &'static str,
}

const fn row(kind: ErrorKind, status: u16, name: &'static str, message: &'static str) -> Row {
    Row { kind, status, name, code: None, message }
}

const fn coded(kind: ErrorKind, status: u16, name: &'static str, code: &'static str, message: &'static str) -> Row {
    Row { kind, status, name, code: Some(code), message }
}

const BAD: &str = "invalid_request_error";

const OPENAI: &[Row] = &[
    row(ErrorKind::InvalidRequest, 400, BAD, "The request is not valid."),
    coded(ErrorKind::ContextLength, 400, BAD, "context_length_exceeded", "The messages exceed the context length."),
    coded(ErrorKind::Authentication, 401, BAD, "invalid_api_key", "Incorrect API key provided."),
    row(ErrorKind::Permission, 403, BAD, "The key may not do this."),
    coded(ErrorKind::NotFound, 404, BAD, "model_not_found", "The model does not exist."),
    row(ErrorKind::Conflict, 409, BAD, "Another request is in the way."),
    row(ErrorKind::TooLarge, 413, BAD, "The request has too many bytes."),
    row(ErrorKind::Unprocessable, 422, BAD, "The request makes no sense."),
    coded(ErrorKind::RateLimited, 429, "requests", "rate_limit_exceeded", "Rate limit reached."),
    coded(ErrorKind::SlowDown, 429, "requests", "slow_down", "The rate of requests grew too fast."),
    coded(ErrorKind::SpendCap, 429, "insufficient_quota", "insufficient_quota", "The quota is exceeded."),
    coded(ErrorKind::Billing, 429, "insufficient_quota", "credit_balance_exhausted", "The credit is used up."),
    row(ErrorKind::Server, 500, "server_error", "The server had an error."),
    row(ErrorKind::Unavailable, 503, "server_error", "The service is overloaded or not ready."),
    row(ErrorKind::Timeout, 504, "server_error", "The request took too long."),
];

/// What Anthropic says of a prompt that is too long: its documentation's example, until the lengths are known.
const TOO_LONG: &str = "prompt is too long: 200001 tokens > 200000 maximum";

/// The same body with these lengths in it.
pub(super) fn measured(body: &str, asked: u32, most: u32) -> String {
    body.replace(TOO_LONG, &format!("prompt is too long: {asked} tokens > {most} maximum"))
}

const ANTHROPIC: &[Row] = &[
    row(ErrorKind::InvalidRequest, 400, BAD, "The request is not valid."),
    row(ErrorKind::ContextLength, 400, BAD, TOO_LONG),
    row(ErrorKind::Authentication, 401, "authentication_error", "invalid x-api-key"),
    row(ErrorKind::Billing, 402, "billing_error", "The account cannot pay."),
    row(ErrorKind::Permission, 403, "permission_error", "The key may not do this."),
    row(ErrorKind::NotFound, 404, "not_found_error", "There is no such model."),
    row(ErrorKind::Conflict, 409, "conflict_error", "Another request is in the way."),
    row(ErrorKind::TooLarge, 413, "request_too_large", "The request has too many bytes."),
    row(ErrorKind::RateLimited, 429, "rate_limit_error", "The rate limit is reached."),
    // Of the same type; headers alone tell them apart: a rate limit says when to come back, a spend cap never does.
    row(ErrorKind::SpendCap, 429, "rate_limit_error", "The spend limit is reached."),
    row(ErrorKind::Server, 500, "api_error", "Internal server error"),
    row(ErrorKind::Timeout, 504, "timeout_error", "The request took too long."),
    row(ErrorKind::Overloaded, 529, "overloaded_error", "Overloaded"),
];

/// A kind that the provider has a word for.
pub(super) fn carried_kind(provider: Provider, kind: ErrorKind) -> ErrorKind {
    match (provider, kind) {
        (Provider::OpenAi | Provider::Responses, ErrorKind::Overloaded) => ErrorKind::Unavailable,
        (Provider::Anthropic, ErrorKind::Unavailable) => ErrorKind::Overloaded,
        (Provider::Anthropic, ErrorKind::SlowDown) => ErrorKind::RateLimited,
        (Provider::Anthropic, ErrorKind::Unprocessable) => ErrorKind::InvalidRequest,
        (_, kind) => kind,
    }
}

fn rows(provider: Provider) -> &'static [Row] {
    match provider {
        Provider::OpenAi | Provider::Responses => OPENAI,
        Provider::Anthropic => ANTHROPIC,
    }
}

#[derive(Serialize, Deserialize)]
struct OpenAiBody {
    error: OpenAiError,
}

#[derive(Serialize, Deserialize)]
struct OpenAiError {
    message: String,
    #[serde(rename = "type")]
    name: Option<String>,
    param: Option<Json>,
    code: Option<Json>,
}

#[derive(Serialize, Deserialize)]
struct AnthropicBody {
    #[serde(rename = "type")]
    tag: String,
    error: AnthropicError,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct AnthropicError {
    #[serde(rename = "type")]
    name: String,
    message: String,
}

/// What a caller sees of an error; nothing if there is no status.
pub(super) fn write(provider: Provider, error: &ProviderError, delivery: Delivery) -> Option<Response> {
    let status = error.status?;
    let page = |status, kind: &str, body: &str| {
        Some(Response { status, headers: vec![Header::new("content-type", kind)], body: body.to_owned() })
    };
    match error.kind {
        ErrorKind::Refused | ErrorKind::Reset => return None,
        ErrorKind::NotTheProvider => return page(status, "text/html", "<html><h1>502 Bad Gateway</h1></html>\n"),
        ErrorKind::EmptyBody => return page(status, "application/json", ""),
        ErrorKind::CutStream => return Some(begun(delivery)),
        _ => {}
    }
    let kind = carried_kind(provider, error.kind);
    let row = rows(provider).iter().find(|row| row.kind == kind).expect("each kind that is carried has a row");
    match (status, delivery, provider) {
        (200, Delivery::Streamed | Delivery::StreamedBare, _) => {
            return Some(stream::response(&[event_of(provider, row, 0)]));
        }
        (200, Delivery::Whole, Provider::Responses) => {
            return Some(wire::whole(responses::failed(code_of(row), row.message)));
        }
        // In one piece there is no status before the reply is there.
        _ => {}
    }
    let id = format!("req_{:016x}", crate::digest::digest_of(error));
    let mut headers = vec![Header::new("content-type", "application/json")];
    headers.extend(headers::of_error(provider, kind, error.retry_after));
    headers.push(headers::id_header(provider, &id));
    Some(Response { status: row.status, headers, body: body(provider, row, row.message, Some(id)) })
}

/// A request that is none, and why.
pub(super) fn rejected(provider: Provider, why: &str) -> Response {
    let kind = ErrorKind::InvalidRequest;
    let row = rows(provider).iter().find(|row| row.kind == kind).expect("each provider rejects what is no request");
    let id = format!("req_{:016x}", crate::digest::digest_of(&why.to_owned()));
    let mut headers = vec![Header::new("content-type", "application/json")];
    headers.extend(headers::of_error(provider, kind, None));
    headers.push(headers::id_header(provider, &id));
    Response { status: row.status, headers, body: body(provider, row, why, Some(id)) }
}

/// An error as the event of a stream that comes after so many others.
pub(super) fn event(provider: Provider, kind: ErrorKind, after: usize) -> StreamEvent {
    let kind = carried_kind(provider, kind);
    let row = rows(provider).iter().find(|row| row.kind == kind).expect("each kind that is carried has a row");
    event_of(provider, row, after)
}

fn event_of(provider: Provider, row: &Row, after: usize) -> StreamEvent {
    let name = match provider {
        Provider::Responses => return responses_stream::failed(code_of(row), row.message, after),
        Provider::OpenAi => None,
        Provider::Anthropic => Some("error".to_owned()),
    };
    StreamEvent { name, data: body(provider, row, row.message, None) }
}

fn code_of(row: &Row) -> &'static str {
    row.code.unwrap_or(row.name)
}

/// What broke off when it had hardly begun, of a reply that nobody knows any more.
fn begun(delivery: Delivery) -> Response {
    match delivery {
        Delivery::Whole => wire::whole("{".to_owned()),
        Delivery::Streamed | Delivery::StreamedBare => Response { body: "data: {".to_owned(), ..stream::response(&[]) },
    }
}

fn body(provider: Provider, row: &Row, message: &str, request_id: Option<String>) -> String {
    let (message, name) = (message.to_owned(), row.name.to_owned());
    match provider {
        Provider::OpenAi | Provider::Responses => {
            let code = row.code.map(Json::from);
            super::text_of(&OpenAiBody { error: OpenAiError { message, name: Some(name), param: None, code } })
        }
        Provider::Anthropic => {
            let error = AnthropicError { name, message };
            super::text_of(&AnthropicBody { tag: "error".to_owned(), error, request_id })
        }
    }
}

/// The error that a response with a status other than 200 means.
pub(super) fn read(provider: Provider, response: &Response) -> ProviderError {
    let status = Some(response.status);
    match kind_of(provider, &response.body, status) {
        None => ProviderError { status, kind: ErrorKind::NotTheProvider, retry_after: None },
        Some(kind) => {
            let retry_after = response.retry_after();
            let never = retry_after.is_none() && response.should_retry() == Some(false);
            let kind = if kind == ErrorKind::RateLimited && never { ErrorKind::SpendCap } else { kind };
            ProviderError { status, kind, retry_after }
        }
    }
}

/// The error that an event of a stream is, if it is one.
pub(super) fn in_event(provider: Provider, event: &StreamEvent) -> Option<ProviderError> {
    let kind = match provider {
        Provider::Responses => late_kind(&event.data),
        Provider::OpenAi | Provider::Anthropic => kind_of(provider, &event.data, None),
    };
    kind.map(ProviderError::in_stream)
}

/// The error in a body of the Responses API whose status is 200, if there is one.
pub(super) fn in_body(provider: Provider, body: &str) -> Option<ProviderError> {
    (provider == Provider::Responses).then(|| late_kind(body))?.map(ProviderError::in_stream)
}

/// What a response that failed says, by itself or within an event, or an event that is an error.
fn late_kind(text: &str) -> Option<ErrorKind> {
    let json: Json = serde_json::from_str(text).ok()?;
    let code = match json["type"].as_str() {
        Some("error") => json["code"].as_str().unwrap_or("server_error"),
        Some(_) => responses::code_of_failure(&json["response"])?,
        None => responses::code_of_failure(&json)?,
    };
    let coded = OPENAI.iter().find(|row| row.code == Some(code));
    let named = || OPENAI.iter().find(|row| row.name == code && row.code.is_none());
    Some(coded.or_else(named).map_or(ErrorKind::Server, |row| row.kind))
}

/// The most telling row decides: first the code, or Anthropic's documented words; then the type, with the status if
/// there is one; then the status. Of rows that fit alike the first is the plainest.
fn kind_of(provider: Provider, body: &str, status: Option<u16>) -> Option<ErrorKind> {
    let fits = |row: &&Row| status.is_none_or(|status| row.status == status);
    let (name, exact) = match provider {
        Provider::OpenAi | Provider::Responses => {
            let error = serde_json::from_str::<OpenAiBody>(body).ok()?.error;
            let code = error.code.as_ref().and_then(Json::as_str);
            (error.name, OPENAI.iter().find(|row| row.code.is_some() && row.code == code))
        }
        Provider::Anthropic => {
            let error = serde_json::from_str::<AnthropicBody>(body).ok()?.error;
            let too_long = error.name == BAD && error.message.starts_with("prompt is too long");
            let exact = ANTHROPIC.iter().find(|row| too_long && row.kind == ErrorKind::ContextLength);
            (Some(error.name), exact)
        }
    };
    let plain = || plain(provider, name.as_deref()).find(fits);
    let alike = || rows(provider).iter().find(|row| Some(row.status) == status);
    Some(exact.or_else(plain).or_else(alike).map_or_else(|| by_status(status), |row| row.kind))
}

/// The rows of a type that have no code of their own.
fn plain(provider: Provider, name: Option<&str>) -> impl Iterator<Item = &'static Row> {
    rows(provider).iter().filter(move |row| Some(row.name) == name && row.code.is_none())
}

/// A status that the provider does not document.
fn by_status(status: Option<u16>) -> ErrorKind {
    match status {
        Some(408) => ErrorKind::Timeout,
        Some(400..=499) => ErrorKind::InvalidRequest,
        _ => ErrorKind::Server,
    }
}

/// What of an error arrives. Once the status is 200, types alone tell OpenAI's errors apart that have no code, and
/// Anthropic's of the same type not at all.
#[cfg(test)]
pub(super) fn carried(provider: Provider, error: &ProviderError) -> ProviderError {
    let kind = carried_kind(provider, error.kind);
    let row = rows(provider).iter().find(|row| row.kind == kind);
    if error.status != Some(200) {
        return ProviderError { kind, status: row.map(|row| row.status).or(error.status), ..*error };
    }
    if (provider, kind) == (Provider::Anthropic, ErrorKind::SpendCap) {
        return ProviderError { kind: ErrorKind::RateLimited, ..*error };
    }
    let folded = row.filter(|row| provider != Provider::Anthropic && row.code.is_none());
    let kind = folded.map_or(kind, |row| if row.name == BAD { ErrorKind::InvalidRequest } else { ErrorKind::Server });
    ProviderError { kind, ..*error }
}
