//! A text that is wanted whole and judged by whoever asked for it. The servers are asked in turn until one gives something of use.

use bytes::Bytes;
use futures_util::StreamExt;
use orilla_core::Fetch;
use orilla_core::ports::FetchError;
use serde_json::json;

use crate::call::{Outcome, Problem, Try};
use crate::config::{Endpoint, GeneratorConfig};
use crate::prompt::tokens;
use crate::stream::{End, Reader, Usage};
use crate::thought::Thought;

/// What is asked. Data among the words is the caller's to fence.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// What the model is to do.
    pub system: &'a str,
    /// With what.
    pub user: &'a str,
    /// 0 to 2: how far it may stray.
    pub temperature: f32,
    /// The most that may be written.
    pub max_tokens: u32,
}

impl Task<'_> {
    /// About how many tokens it may cost at most.
    #[must_use]
    pub fn most_tokens(&self) -> u32 {
        self.prompt_tokens().saturating_add(self.max_tokens)
    }

    fn prompt_tokens(&self) -> u32 {
        tokens(self.system).saturating_add(tokens(self.user))
    }

    fn body(&self, model: &str) -> Bytes {
        let body = json!({
            "model": model,
            "messages": [{ "role": "system", "content": self.system }, { "role": "user", "content": self.user }],
            "stream": true,
            "stream_options": { "include_usage": true },
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
        });
        Bytes::from(body.to_string())
    }
}

/// Has it written. `read` makes of an answer what is wanted, or nothing: then its server has failed, and the next one is asked. What is to be written down
/// of it all is [`Outcome::record`].
pub async fn whole<F: Fetch, T>(
    fetch: &F,
    config: &GeneratorConfig,
    task: Task<'_>,
    read: impl Fn(&str) -> Option<T>,
) -> (Option<T>, Outcome) {
    let mut outcome = Outcome::default();
    for endpoint in &config.endpoints {
        match ask(fetch, config, endpoint, task, &mut outcome).await.and_then(|answer| answer.read(endpoint, &read)) {
            Ok(made) => {
                outcome.tries.push(Try::new(endpoint, None));
                outcome.problem = None;
                outcome.endpoint = Some(endpoint.id.clone());
                return (Some(made), outcome);
            }
            Err(tried) => {
                outcome.problem = tried.problem;
                outcome.tries.push(tried);
            }
        }
    }
    (None, outcome)
}

/// All that one server wrote.
struct Answer {
    text: String,
    end: End,
    fault: Option<FetchError>,
}

impl Answer {
    /// What the caller makes of it. One that was cut at its limit, or whose end nobody told, is shown to them, too: there may be something of use in it.
    fn read<T>(self, endpoint: &Endpoint, read: impl Fn(&str) -> Option<T>) -> Result<T, Try> {
        let problem = match &self.fault {
            Some(error) => Some(Problem::of(error, self.end.is_answer)),
            None => Problem::of_end(self.end),
        };
        let is_shown = self.fault.is_none() && self.end.is_answer && !self.end.is_error;
        let made = if is_shown { read(&self.text) } else { None };
        made.ok_or_else(|| Try::new(endpoint, problem.or(Some(Problem::Garbage))))
    }
}

/// Asks one server, reads all that it has to say, and counts what that costs.
async fn ask<F: Fetch>(
    fetch: &F,
    config: &GeneratorConfig,
    endpoint: &Endpoint,
    task: Task<'_>,
    outcome: &mut Outcome,
) -> Result<Answer, Try> {
    let mut charge = |usage: Option<Usage>, written: &str| {
        let estimate = Usage { prompt_tokens: task.prompt_tokens(), completion_tokens: tokens(written) };
        outcome.usage = outcome.usage.and(usage.unwrap_or(estimate));
        outcome.is_estimate |= usage.is_none();
    };
    let mut answer = match fetch.fetch(endpoint.request(task.body(&endpoint.model), config.timeout)).await {
        Ok(answer) if answer.status.is_success() => answer,
        Ok(answer) => return Err(Try::refused(endpoint, answer.status, &answer.headers)),
        Err(error) => {
            if error == FetchError::Deadline {
                charge(None, "");
            }
            return Err(Try::new(endpoint, Some(Problem::of(&error, false))));
        }
    };
    let (mut reader, mut thought, mut text, mut fault) = (Reader::new(), Thought::default(), String::new(), None);
    while let Some(chunk) = answer.body.next().await {
        match chunk {
            Ok(bytes) => text += &thought.push(&reader.push(&bytes)),
            Err(error) => fault = Some(error),
        }
        if fault.is_some() || reader.is_over() {
            break;
        }
    }
    let (rest, end) = reader.end();
    text += &thought.push(&rest);
    text += &thought.end();
    if end.is_answer || fault == Some(FetchError::Deadline) {
        charge(end.usage, &text);
    }
    Ok(Answer { text, end, fault })
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use serde_json::Value as Json;

    use super::*;
    use crate::script::{Reply, Script, chunk, done, told};

    const TASK: Task<'_> = Task { system: "Write.", user: "Waves.", temperature: 0.7, max_tokens: 700 };

    /// What was made, the outcome, and which servers were asked.
    fn run(replies: Vec<Reply>) -> (Option<String>, Outcome, Vec<String>) {
        let script = Script::new(replies);
        let object = |text: &str| serde_json::from_str::<Json>(text).ok().map(|it| it.to_string());
        let asked = whole(&script, &script.config(), TASK, object).now_or_never();
        let (made, outcome) = asked.expect("nothing to wait for");
        (made, outcome, script.hosts())
    }

    #[test]
    fn the_first_answer_of_use_is_taken_and_counted() {
        let (made, outcome, asked) = run(vec![told("<think>{}</think>{\"title\":1}")]);
        assert_eq!((made.as_deref(), asked), (Some("{\"title\":1}"), vec!["first".to_owned()]));
        assert_eq!((outcome.endpoint.as_deref(), outcome.problem, outcome.is_estimate), (Some("first"), None, false));
        assert_eq!(outcome.usage, Usage { prompt_tokens: 300, completion_tokens: 20 });
    }

    #[test]
    fn the_next_server_is_asked_after_any_failure_and_each_is_written_down() {
        let error = Ok((200, vec![Ok("data: {\"error\":{\"message\":\"no\"}}\n\n".into())], false));
        let broken = Ok((200, vec![chunk("{"), Err(FetchError::Deadline)], false));
        for (reply, problem, is_charged) in [
            (told("no object"), Problem::Garbage, true),
            (Ok((503, vec![], false)), Problem::Status, false),
            (Ok((429, vec![], false)), Problem::Busy, false),
            (error, Problem::Failed, false),
            (broken, Problem::Deadline, true),
            (Err(FetchError::Connect("away".to_owned())), Problem::Connect, false),
        ] {
            let (made, outcome, asked) = run(vec![reply.clone(), told("{}")]);
            assert_eq!((made.as_deref(), asked.len()), (Some("{}"), 2), "{reply:?}");
            assert_eq!((outcome.endpoint.as_deref(), outcome.problem), (Some("second"), None), "{reply:?}");
            assert_eq!(outcome.tries.iter().map(|it| it.problem).collect::<Vec<_>>(), [Some(problem), None], "{reply:?}");
            assert_eq!(outcome.usage.prompt_tokens > 300, is_charged, "{reply:?}: {:?}", outcome.usage);
            let (made, outcome, _) = run(vec![reply.clone(), reply]);
            assert_eq!((made, outcome.endpoint, outcome.problem), (None, None, Some(problem)));
        }
    }

    #[test]
    fn a_pause_that_a_server_asks_for_is_heard() {
        let (_, outcome, _) = run(vec![Ok((429, vec![], false))]);
        assert_eq!(outcome.tries.first().and_then(|it| it.retry_after), Some(std::time::Duration::from_secs(7)));
    }

    #[test]
    fn an_answer_without_an_end_is_as_good_as_what_can_be_made_of_it() {
        let (made, outcome, _) = run(vec![Ok((200, vec![chunk("{}")], false))]);
        assert_eq!((made.as_deref(), outcome.is_estimate), (Some("{}"), true));
        let (made, outcome, _) = run(vec![Ok((200, vec![chunk("{")], false)), Ok((200, vec![chunk("{"), done()], false))]);
        let problems: Vec<_> = outcome.tries.iter().map(|it| it.problem).collect();
        assert_eq!((made, problems), (None, vec![Some(Problem::Cut), Some(Problem::Garbage)]));
    }
}
