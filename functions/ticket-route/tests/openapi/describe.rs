//! What the route table does not say about each operation.

use orilla_core::Code;
use orilla_core::openapi::schema::text;
use orilla_core::openapi::{Media, Operation, Parameter, Place, created, json_body, none, ok, query, reference};
use serde_json::json;
use ticket_route::routes::{Manage, Operate, Operation as Name, Visit, Zendesk};

/// One operation, described. A match without a wildcard: a new route does not compile until it stands here.
pub fn operation(name: Name) -> Operation {
    match name {
        Name::Visit(Visit::Create) => Operation {
            id: "createTicket",
            summary: "Opens a ticket.",
            description: "The site is known by its write or admin key, or by its public id as `site`. The same words of the same person within a day \
                          are the same ticket. What was thought of it is told to whoever shows the admin key.",
            parameters: vec![idempotency_key("Sent again with the same ticket, nothing new is stored and the answer is the same.")],
            request: json_body(reference("NewTicket")),
            answers: vec![
                created("The ticket is stored.", json_body(reference("TakenTicket"))),
                ok("It was there already.", json_body(reference("TakenTicket"))),
            ],
            failures: vec![Code::Unauthenticated, Code::Forbidden, Code::NotFound, Code::Invalid, Code::TooManyRequests],
            ..Operation::default()
        },
        Name::Visit(Visit::AskSatisfaction) => Operation {
            id: "askSatisfaction",
            summary: "A page that asks how the help was, with the score that a link chose; stores nothing, for mail scanners open every link.",
            parameters: vec![query("score", "What is chosen.", json!({ "type": "integer", "minimum": 1, "maximum": 5 }))],
            answers: vec![ok("The page.", page())],
            failures: vec![Code::Malformed, Code::Forbidden, Code::NotFound, Code::Expired],
            failure_forms: page(),
            ..Operation::default()
        },
        Name::Visit(Visit::Rate) => Operation {
            id: "rateTicket",
            summary: "Stores how the help was; for a week it may be changed, and the last word counts.",
            description: "Without a comment the one that is there stays; an empty one takes it away. A browser's form gets a page.",
            request: vec![
                Media { content_type: "application/json", schema: reference("Vote") },
                Media { content_type: "application/x-www-form-urlencoded", schema: reference("Vote") },
            ],
            answers: vec![ok("What is stored now.", {
                let mut forms = json_body(reference("Voted"));
                forms.extend(page());
                forms
            })],
            failures: vec![Code::Forbidden, Code::NotFound, Code::Expired, Code::Invalid, Code::TooManyRequests],
            failure_forms: page(),
            ..Operation::default()
        },
        Name::Visit(Visit::AnswerNps) => Operation {
            id: "answerNps",
            summary: "Stores whether somebody would recommend the site.",
            description: "One answer of a visitor or an e-mail address in 30 days; a second one changes it. The site is known by its write or admin \
                          key, or by its public id as `site`. Who names neither visitor nor address is told apart for a day.",
            parameters: vec![idempotency_key("Sent again with the same answer, nothing is stored twice and the answer is the same.")],
            request: json_body(reference("NpsAnswer")),
            answers: vec![
                created("It is stored.", json_body(reference("NpsTaken"))),
                ok("The one that was there is changed.", json_body(reference("NpsTaken"))),
            ],
            failures: vec![Code::Unauthenticated, Code::Forbidden, Code::NotFound, Code::Invalid, Code::TooManyRequests],
            ..Operation::default()
        },
        Name::Visit(Visit::AnswerCsat) => Operation {
            id: "answerCsat",
            summary: "Stores how satisfied somebody is with the site.",
            description: "As `answerNps`, from 1 to 5.",
            parameters: vec![idempotency_key("Sent again with the same answer, nothing is stored twice and the answer is the same.")],
            request: json_body(reference("CsatAnswer")),
            answers: vec![
                created("It is stored.", json_body(reference("NpsTaken"))),
                ok("The one that was there is changed.", json_body(reference("NpsTaken"))),
            ],
            failures: vec![Code::Unauthenticated, Code::Forbidden, Code::NotFound, Code::Invalid, Code::TooManyRequests],
            ..Operation::default()
        },
        Name::Visit(Visit::Invite) => Operation {
            id: "inviteToSurvey",
            summary: "Whether a page may ask its visitor a question now, and in which words.",
            description: "`survey` is `nps` or `csat`. `ask` is true once in a visit, which is a day of a browser, and for none who answered in the last \
                          30 days; who sends `DNT` or `Sec-GPC` and is not named is never asked.",
            request: json_body(reference("SurveyVisitor")),
            answers: vec![ok("Whether, and the words.", json_body(reference("Invitation")))],
            failures: vec![Code::Unauthenticated, Code::Forbidden, Code::NotFound, Code::Invalid, Code::TooManyRequests],
            ..Operation::default()
        },
        Name::Manage(manage) => of_management(manage),
        Name::Zendesk(zendesk) => of_zendesk(zendesk),
        Name::Inbound => Operation {
            id: "receiveInbound",
            summary: "Takes what a mail service or Zendesk sends to a source's own path.",
            description: "What it takes is what Postmark's inbound webhook, Mailgun's `forward()`, Resend's `email.received` and Zendesk's signed webhooks \
                          send, with their signatures; no more than five minutes old where they tell the time. A mail that answers one of a ticket, or \
                          names it behind the plus of its address or as `[#7]` in its subject, becomes a word in it if the ticket's requester wrote it, \
                          else a ticket with the tag `answers-7`. Of files the names are kept. What programs and lists send is ignored, and says so. \
                          Every answer that is no failure is `200`. A trigger of Zendesk's sends `{\"ticket_id\": \"{{ticket.id}}\", \"subject\": \
                          \"{{ticket.title}}\", \"description\": \"{{ticket.description}}\", \"requester_email\": \"{{ticket.requester.email}}\", \
                          \"requester_name\": \"{{ticket.requester.name}}\"}`; its events tell no address, and those of other kinds than \
                          `ticket.created` and `ticket.comment_added` are ignored.",
            request: vec![
                Media { content_type: "application/json", schema: json!({ "type": "object" }) },
                Media { content_type: "application/x-www-form-urlencoded", schema: json!({ "type": "object" }) },
                Media { content_type: "multipart/form-data", schema: json!({ "type": "object" }) },
            ],
            answers: vec![ok("What became of it.", json_body(json!({ "oneOf": [reference("Placed"), reference("Ignored")] })))],
            failures: vec![Code::Unauthenticated, Code::NotFound, Code::Invalid, Code::TooManyRequests],
            ..Operation::default()
        },
        Name::Operate(Operate::ApplyDesk) => Operation {
            id: "applyDesk",
            summary: "Applies a site's desk: hours, teams, people, promises, rules.",
            parameters: vec![query("dry_run", "Only tells whether something would change.", json!({ "enum": ["0", "1"] }))],
            request: json_body(reference("Desk")),
            answers: vec![ok("Whether something changed, or would.", json_body(reference("AppliedDesk")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
    }
}

fn of_management(manage: Manage) -> Operation {
    let of_ticket = || vec![ok("The ticket as it is now.", json_body(reference("Ticket")))];
    match manage {
        Manage::ListTickets => Operation {
            id: "listTickets",
            summary: "Tickets, the latest first, or those that are due.",
            parameters: vec![
                query("status", "Only those in this status.", statuses()),
                query("assignee", "Only this agent's; `nobody` for those that nobody has.", text()),
                query("team", "Only this team's.", text()),
                query("category", "Only of this category.", text()),
                query("requester", "Only of this e-mail address.", text()),
                query("order", "`due` puts the nearest deadline first.", json!({ "enum": ["updated", "due"] })),
                query("offset", "How many to pass over.", json!({ "type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32 })),
            ],
            answers: vec![ok("A page.", json_body(reference("Tickets")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ShowTicket => Operation {
            id: "showTicket",
            summary: "One ticket, by id or number, with all that happened to it and its clocks.",
            answers: of_ticket(),
            ..Operation::default()
        },
        Manage::ChangeTicket => Operation {
            id: "changeTicket",
            summary: "Changes a ticket; a category or a priority that somebody sets is a lesson.",
            request: json_body(reference("Change")),
            answers: of_ticket(),
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::Comment => Operation {
            id: "commentTicket",
            summary: "Writes into a ticket, as an agent or for the customer.",
            parameters: vec![idempotency_key("Sent again with the same words, nothing is written twice.")],
            request: json_body(reference("Comment")),
            answers: of_ticket(),
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::ClaimTicket => Operation {
            id: "claimTicket",
            summary: "Takes a ticket that nobody has; of two at a time one wins.",
            request: json_body(reference("Claim")),
            answers: of_ticket(),
            failures: vec![Code::Invalid, Code::Conflict],
            ..Operation::default()
        },
        Manage::MergeTicket => Operation {
            id: "mergeTicket",
            summary: "Makes a ticket a part of another, whose notes hold what was said in it.",
            request: json_body(reference("Merge")),
            answers: vec![ok("The other ticket as it is now.", json_body(reference("Ticket")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::SuggestReplies => Operation {
            id: "suggestReplies",
            summary: "The site's articles that are nearest to what the customer said last; drafts, never sent by themselves.",
            answers: vec![ok("The nearest first.", json_body(reference("Suggestions")))],
            ..Operation::default()
        },
        Manage::DraftReply => Operation {
            id: "draftReply",
            summary: "A reply that the operator's generator drafts from the site's articles; never sent or kept by itself.",
            description: "In the ticket's language. Sentences that no article supports are left out and counted as `dropped`; where nothing is left, `draft` is \
                          null and `problem` says why. 503 where no generator is configured or none answers; 403 where `chat.generates` is off; 429 where \
                          the site has spent `chat.daily_tokens`.",
            request: json_body(reference("DraftWish")),
            answers: vec![ok("The draft.", json_body(reference("Draft")))],
            failures: vec![Code::Invalid, Code::TooManyRequests],
            ..Operation::default()
        },
        Manage::EraseTicket => Operation {
            id: "eraseTicket",
            summary: "Erases a ticket with all that it has left elsewhere.",
            answers: vec![ok("A receipt.", json_body(reference("Erased")))],
            ..Operation::default()
        },
        Manage::Classify => Operation {
            id: "classifyTicket",
            summary: "What a ticket would be taken for, and why; nothing is stored.",
            request: json_body(reference("NewTicket")),
            answers: vec![ok("The verdict.", json_body(reference("Verdict")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::ListAgents => Operation {
            id: "listAgents",
            summary: "Who is there, and what they hold.",
            answers: vec![ok("Everybody of the desk.", json_body(reference("Agents")))],
            ..Operation::default()
        },
        Manage::SetPresence => Operation {
            id: "setPresence",
            summary: "Says whether somebody is there; who comes back gets what waits.",
            request: json_body(reference("Presence")),
            answers: vec![ok("The agent as they are now.", json_body(reference("Agent")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::ShowDesk => Operation {
            id: "showDesk",
            summary: "The desk as it was applied.",
            answers: vec![ok("The desk.", json_body(reference("Desk")))],
            ..Operation::default()
        },
        Manage::ShowQuality => Operation {
            id: "showRoutingQuality",
            summary: "How often what was thought was what people said, and how sure it was.",
            answers: vec![ok("Figures.", json_body(reference("Quality")))],
            ..Operation::default()
        },
        Manage::ShowReport => Operation {
            id: "showRoutingReport",
            summary: "What became of tickets lately: solved, at the first contact, promises broken, who holds what, what comes more often.",
            parameters: vec![
                query("days", "How far back.", json!({ "type": "integer", "minimum": 1, "maximum": 365 })),
                query("format", "One table as a spreadsheet reads it.", json!({ "enum": ["csv"] })),
                query("table", "Which one.", json!({ "enum": ["breaches", "agents", "categories", "priorities"] })),
            ],
            answers: vec![ok(
                "Figures.",
                vec![
                    Media { content_type: "application/json", schema: reference("Report") },
                    Media { content_type: "text/csv", schema: json!({ "type": "string" }) },
                ],
            )],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ListMacros => Operation {
            id: "listMacros",
            summary: "The desk's macros, as they read in a ticket.",
            description: "In the ticket's language; in the other one only if there is no text in its own, which `is_other_language` says.",
            parameters: vec![
                query("ticket", "In which; without it, the texts as the desk has them.", text()),
                query("agent", "Who would apply them; the ticket's assignee, if nobody is named.", text()),
            ],
            answers: vec![ok("All of them.", json_body(reference("Macros")))],
            failures: vec![Code::NotFound],
            ..Operation::default()
        },
        Manage::ApplyMacro => Operation {
            id: "applyMacro",
            summary: "Applies a macro: all that it writes and changes, or nothing.",
            parameters: vec![idempotency_key("Sent again with the same macro, nothing is done twice.")],
            request: json_body(reference("ApplyMacro")),
            answers: vec![ok("The ticket as it is now, and what the macro said.", json_body(reference("AppliedMacro")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::IssueSatisfactionLink => Operation {
            id: "issueSatisfactionLink",
            summary: "A link by which a solved ticket's customer says how the help was, for those who mail themselves.",
            description: "With `?score=` and 1 to 5 behind it, it chooses; only what the page sends is stored.",
            answers: vec![ok("The link.", json_body(reference("SatisfactionLink")))],
            failures: vec![Code::Conflict],
            ..Operation::default()
        },
        Manage::ShowNps => Operation {
            id: "showNps",
            summary: "Who would recommend the site, by week and language, with how far the figures can be trusted.",
            parameters: vec![
                query("days", "How far back.", json!({ "type": "integer", "minimum": 1, "maximum": 365 })),
                query("cursor", "Where the page of comments begins.", text()),
                query("limit", "Comments of a page.", json!({ "type": "integer", "minimum": 1, "maximum": 200 })),
            ],
            answers: vec![ok("Figures and comments.", json_body(reference("Nps")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ShowCsat => Operation {
            id: "showCsat",
            summary: "How satisfied visitors are, by week, language and segment, with how far the figures can be trusted.",
            parameters: vec![
                query("days", "How far back.", json!({ "type": "integer", "minimum": 1, "maximum": 365 })),
                query("cursor", "Where the page of comments begins.", text()),
                query("limit", "Comments of a page.", json!({ "type": "integer", "minimum": 1, "maximum": 200 })),
            ],
            answers: vec![ok("Figures and comments.", json_body(reference("Csat")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::EraseCsat => Operation {
            id: "eraseCsatAnswers",
            summary: "Erases what a visitor or an e-mail address answered.",
            parameters: vec![query("visitor", "Whose.", text()), query("email", "Whose.", text())],
            answers: vec![ok("A receipt.", json_body(reference("Erased")))],
            failures: vec![Code::Malformed, Code::NotFound],
            ..Operation::default()
        },
        Manage::EraseAnswers => Operation {
            id: "eraseAnswers",
            summary: "Erases what a visitor or an e-mail address answered.",
            parameters: vec![query("visitor", "Whose.", text()), query("email", "Whose.", text())],
            answers: vec![ok("A receipt.", json_body(reference("Erased")))],
            failures: vec![Code::Malformed, Code::NotFound],
            ..Operation::default()
        },
        Manage::ShowProblems => Operation {
            id: "showProblems",
            summary: "Problems that come again: tickets that mean the same, in whichever language, the largest first, and whether they come more often.",
            description: "Groups are of three tickets or more; whatever is like nothing else is left over. `p_value` is the chance of as many tickets this \
                          week or more if the problem came as often as before (binomial, given the sum), after Holm's correction for how many problems \
                          there are; `is_rising` says that it is below 0.05. Of more than 2,000 tickets the latest are looked at.",
            parameters: of_look(&[query("format", "As a spreadsheet reads it.", json!({ "enum": ["csv"] }))]),
            answers: vec![ok(
                "Problems.",
                vec![
                    Media { content_type: "application/json", schema: reference("Problems") },
                    Media { content_type: "text/csv", schema: json!({ "type": "string" }) },
                ],
            )],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ShowGaps => Operation {
            id: "showKnowledgeGaps",
            summary: "Problems that no article of the site answers, the biggest first, each with the article that is nearest.",
            description: "Ten tickets of each of the fifty largest problems are compared with the articles at most, the most central ones; it is a gap if \
                          most of these find no article that likelier than not answers.",
            parameters: of_look(&[]),
            answers: vec![ok("Gaps.", json_body(reference("Gaps")))],
            failures: vec![Code::Malformed],
            ..Operation::default()
        },
        Manage::ListSources => Operation {
            id: "listSources",
            summary: "Where tickets come from besides forms and programs; without secrets.",
            answers: vec![ok("All of them.", json_body(reference("Sources")))],
            ..Operation::default()
        },
        Manage::PutSource => Operation {
            id: "putSource",
            summary: "Adds a source, or gives one another secret; its path stays.",
            description: "Give the path to the service. Mailgun, Resend and Zendesk make the secret: put the source without one, then again with it; \
                          until then what they send is answered with 503, and they send it again. Postmark shows its secret as the password of the URL, \
                          as in `https://postmark:SECRET@host/v1/inbound/ID`: one is made here where none is given, and shown this once; null is none. With `takes_lists` mails \
                          that went through a list are questions, as where people write to a group's address.",
            request: json_body(reference("NewSource")),
            answers: vec![
                created("It was added.", json_body(reference("Source"))),
                ok("It was there; it has the secret now.", json_body(reference("Source"))),
            ],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::RemoveSource => Operation {
            id: "removeSource",
            summary: "Takes a source away: its path is nobody's from now on. Its tickets stay.",
            answers: vec![none("It is gone.")],
            ..Operation::default()
        },
        Manage::PutHolidays => Operation {
            id: "putHolidays",
            summary: "Closes a calendar on the days of an iCalendar feed, instead of those of the feed before.",
            description: "They stay when the desk is applied again. All-day events count, yearly rules included; what closes nothing is named with why. \
                          A feed without events takes all of them away.",
            parameters: vec![query("dry_run", "Only tells what would be closed.", json!({ "enum": ["0", "1"] }))],
            request: vec![Media { content_type: "text/calendar", schema: text() }],
            answers: vec![ok("What is closed, or would be.", json_body(reference("Holidays")))],
            failures: vec![Code::Invalid],
            ..Operation::default()
        },
        Manage::Train => Operation {
            id: "trainRouting",
            summary: "Learns from everything that the site's people said.",
            answers: vec![ok("What was learnt.", json_body(reference("Trained")))],
            ..Operation::default()
        },
    }
}

/// The same operations in Zendesk's words; the token of its clients is a key of the site.
fn of_zendesk(zendesk: Zendesk) -> Operation {
    let failures = vec![Code::Invalid, Code::Malformed];
    let failure_forms = json_body(reference("ZendeskFailure"));
    match zendesk {
        Zendesk::Create => Operation {
            id: "zendeskCreateTicket",
            summary: "Opens a ticket, as Zendesk's clients do.",
            request: json_body(reference("ZendeskTicketRequest")),
            answers: vec![created("The ticket.", json_body(reference("ZendeskTicket")))],
            failures,
            failure_forms,
            ..Operation::default()
        },
        Zendesk::List => Operation {
            id: "zendeskListTickets",
            summary: "Tickets by number, as Zendesk's clients read them.",
            answers: vec![ok("A page.", json_body(reference("ZendeskTickets")))],
            failure_forms,
            ..Operation::default()
        },
        Zendesk::Show => Operation {
            id: "zendeskShowTicket",
            summary: "One ticket; the path ends in its number and `.json`.",
            answers: vec![ok("The ticket.", json_body(reference("ZendeskTicket")))],
            failure_forms,
            ..Operation::default()
        },
        Zendesk::Update => Operation {
            id: "zendeskUpdateTicket",
            summary: "Changes a ticket, perhaps with a comment.",
            request: json_body(reference("ZendeskTicketRequest")),
            answers: vec![ok("The ticket as it is now.", json_body(reference("ZendeskTicket")))],
            failures,
            failure_forms,
            ..Operation::default()
        },
        Zendesk::Comments => Operation {
            id: "zendeskListComments",
            summary: "What was written in a ticket.",
            answers: vec![ok("The comments.", json_body(reference("ZendeskComments")))],
            failure_forms,
            ..Operation::default()
        },
    }
}

fn idempotency_key(description: &'static str) -> Parameter {
    let schema = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
    Parameter { place: Place::Header, name: "Idempotency-Key", description, is_required: false, schema }
}

fn page() -> Vec<Media> {
    vec![Media { content_type: "text/html", schema: json!({ "type": "string" }) }]
}

/// How far back, in which language, and more.
fn of_look(more: &[Parameter]) -> Vec<Parameter> {
    let look = [
        query("weeks", "How far back; eight if nothing is said.", json!({ "type": "integer", "minimum": 1, "maximum": 26 })),
        query("locale", "Only tickets in this language.", json!({ "enum": ["es", "en"] })),
    ];
    look.into_iter().chain(more.iter().cloned()).collect()
}

fn statuses() -> serde_json::Value {
    json!({ "enum": ["new", "open", "pending", "on_hold", "solved", "closed", "unsolved"] })
}
