//! An answer on its way to a visitor, in pieces: an event `start` with what it is before its words, events `text`, and an event `end` with the
//! whole of it, which counts.

use std::rc::Rc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, LocalBoxStream};
use orilla_core::sites::SiteId;
use orilla_core::{Error, Platform, Response, Sql};
use serde_json::json;

use crate::answer::Answer;
use crate::sse;
use crate::write::{Speech, Spoken};

/// An answer whose words are there already.
#[must_use]
pub fn whole(answer: &Answer) -> Response {
    let mut events = vec![start(answer)];
    if !answer.answer.is_empty() {
        events.push(sse::event("text", &json!({ "text": answer.answer })));
    }
    events.push(sse::event("end", answer));
    sse::response(stream::iter(events))
}

fn start(answer: &Answer) -> Result<Bytes, Error> {
    let mut start = json!(answer);
    if let Some(start) = start.as_object_mut() {
        start.remove("answer");
        start.remove("number");
    }
    sse::event("start", &start)
}

/// An answer that is being written. What stands in the store meanwhile are the articles' own words.
pub struct Writing<P: Platform> {
    /// For what is logged.
    pub platform: P,
    /// The store.
    pub sql: P::Sql,
    /// The tenant.
    pub site: SiteId,
    /// As it was stored.
    pub answer: Answer,
}

impl<P: Platform> Writing<P> {
    /// The words as they come.
    pub fn stream(self, speech: LocalBoxStream<'static, Speech>) -> Response {
        let start = start(&self.answer);
        let writing = Rc::new(self);
        let rest = speech.then(move |said| {
            let writing = Rc::clone(&writing);
            async move {
                match said {
                    Speech::Text(text) => sse::event("text", &json!({ "text": text })),
                    Speech::End(spoken) => sse::event("end", &writing.finish(spoken).await),
                }
            }
        });
        sse::response(stream::once(std::future::ready(start)).chain(rest))
    }

    /// The answer once all of its words are there.
    pub async fn wait(self, mut speech: LocalBoxStream<'static, Speech>) -> Answer {
        while let Some(said) = speech.next().await {
            if let Speech::End(spoken) = said {
                return self.finish(spoken).await;
            }
        }
        self.answer
    }

    /// Puts what was written in place of what stood there. The visitor has read it by now, so that a store that fails changes nothing for them.
    async fn finish(&self, spoken: Spoken) -> Answer {
        if !spoken.is_generated {
            return self.answer.clone();
        }
        let answer = self.answer.written(spoken);
        if self.sql.batch(answer.replace(&self.site)).await.is_err() {
            self.platform.log(format_args!("{{\"function\":\"faq-chat\",\"event\":\"written_answer_not_stored\"}}"));
        }
        answer
    }
}
