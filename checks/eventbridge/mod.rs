//! EventBridge: do findings reach people and programs, is the use of emergency access noticed, and who may send events?

mod elsewhere;
mod routing;
mod senders;
mod watching;

checks! { eventbridge;
    region automates_response,
    region bus_policy_restricted,
    region routes_security_findings,
    region watches_breakglass_and_pipelines,
}
