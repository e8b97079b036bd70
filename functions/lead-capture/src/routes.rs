//! The closed table of what lead capture answers. Dispatch and the OpenAPI document both read it.

use http::Method;
use orilla_core::router::{Access, Route, row};

/// Everything a caller can ask of lead capture, by who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A visitor's, without a key.
    Visit(Visit),
    /// A site's, with its read or admin key.
    Manage(Manage),
    /// The operator's, or the site's own admin key's.
    Operate(Operate),
    /// The operator's alone.
    Preserve(Preserve),
}

/// What a visitor's page asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visit {
    /// What a page needs to show a form.
    ShowForm,
    /// Takes a submission, native answer.
    Submit,
    /// Counts that a visitor saw a variant.
    Expose,
    /// A form as a page of its own that needs no script.
    HostForm,
    /// Takes a submission, Formspree's answer.
    SubmitFormspree,
    /// The thank-you page that needs no script.
    Thank,
    /// The page a confirmation mail links to.
    AskConfirmation,
    /// The visitor's confirmation.
    Confirm,
    /// Delivers a lead magnet by a signed link.
    Download,
}

impl Visit {
    /// Whether people open this by a link, so that a failure is a page too.
    #[must_use]
    pub const fn is_a_page(self) -> bool {
        matches!(self, Self::HostForm | Self::Thank | Self::AskConfirmation | Self::Confirm | Self::Download)
    }
}

/// What a site's own people and programs ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Manage {
    /// Lists forms with their counts.
    ListForms,
    /// Lists leads.
    ListLeads,
    /// Streams leads as CSV.
    ExportLeads,
    /// Lists segments with their counts.
    ListSegments,
    /// Lists the leads in a segment.
    ListSegmentLeads,
    /// One lead with its journey.
    ShowLead,
    /// Lists submissions, the quarantined ones above all.
    ListSubmissions,
    /// Says "not spam".
    Release,
    /// Reads leads from CSV.
    ImportLeads,
    /// Scores history again with the current rules.
    Rescore,
    /// Erases a person.
    EraseLead,
    /// Counts, rates and the sample-ratio test of an experiment.
    ShowExperiment,
    /// Lists deliveries.
    ListDeliveries,
    /// Sends one delivery again.
    ReplayDelivery,
    /// Sends every failed delivery again.
    ReplayFailed,
    /// Lists destinations.
    ListDestinations,
    /// Adds a destination.
    AddDestination,
    /// Removes a destination.
    RemoveDestination,
    /// Gives a webhook a new signing secret.
    RotateSecret,
    /// Switches a disabled destination on again.
    EnableDestination,
}

/// What whoever runs the deployment asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operate {
    /// Applies a site's files.
    ApplySite,
    /// The site as applied.
    ShowSite,
    /// Makes a key.
    IssueKey,
    /// Stores a lead magnet.
    StoreAsset,
}

/// What holds a whole site with its secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preserve {
    /// Streams a site's backup.
    Backup,
    /// Puts a part of one in.
    Restore,
}

/// A submission's most bytes. Chosen: forms carry text; a novel fits.
const SUBMISSION_BYTES: usize = 256 * 1024;
/// The most bytes of a small JSON request.
const SMALL_BYTES: usize = 16 * 1024;
/// The most bytes of a site's files in one apply.
const SITE_BYTES: usize = 1024 * 1024;
/// The most bytes of one CSV import. Chosen: some 20,000 rows.
const IMPORT_BYTES: usize = 4 * 1024 * 1024;
/// The most bytes of a part of a backup: one line may be a file or a row as large as a store takes, in base64. Chosen: below what an adapter reads of
/// any body.
const PART_BYTES: usize = 7 * 1024 * 1024;
/// The most bytes of an asset: what the key-value store keeps.
const ASSET_BYTES: usize = orilla_core::ports::MAX_VALUE_BYTES;

/// The routes, visitors' first.
pub static ROUTES: &[Route<Operation>] = {
    use Access::{Admin, Operator, Public, Read};
    use Operation::{Manage as M, Operate as O, Preserve as P, Visit as V};
    &[
        row(Method::GET, "/v1/forms/{form}", V(Visit::ShowForm), Public, 0),
        row(Method::POST, "/v1/forms/{form}/submissions", V(Visit::Submit), Public, SUBMISSION_BYTES),
        row(Method::POST, "/v1/forms/{form}/exposures", V(Visit::Expose), Public, SMALL_BYTES),
        row(Method::GET, "/f/{form}", V(Visit::HostForm), Public, 0),
        row(Method::POST, "/f/{form}", V(Visit::SubmitFormspree), Public, SUBMISSION_BYTES),
        row(Method::GET, "/f/{form}/thanks", V(Visit::Thank), Public, 0),
        row(Method::GET, "/v1/confirm", V(Visit::AskConfirmation), Public, 0),
        row(Method::POST, "/v1/confirm", V(Visit::Confirm), Public, SMALL_BYTES),
        row(Method::GET, "/v1/assets/{asset}", V(Visit::Download), Public, 0),
        row(Method::GET, "/v1/forms", M(Manage::ListForms), Read, 0),
        row(Method::GET, "/v1/leads", M(Manage::ListLeads), Read, 0),
        row(Method::GET, "/v1/leads.csv", M(Manage::ExportLeads), Read, 0),
        row(Method::GET, "/v1/leads/{lead}", M(Manage::ShowLead), Read, 0),
        row(Method::GET, "/v1/segments", M(Manage::ListSegments), Read, 0),
        row(Method::GET, "/v1/segments/{segment}/leads", M(Manage::ListSegmentLeads), Read, 0),
        row(Method::GET, "/v1/submissions", M(Manage::ListSubmissions), Read, 0),
        row(Method::GET, "/v1/experiments/{experiment}", M(Manage::ShowExperiment), Read, 0),
        row(Method::GET, "/v1/deliveries", M(Manage::ListDeliveries), Read, 0),
        row(Method::GET, "/v1/destinations", M(Manage::ListDestinations), Admin, 0),
        row(Method::POST, "/v1/submissions/{submission}/release", M(Manage::Release), Admin, SMALL_BYTES),
        row(Method::POST, "/v1/leads/import", M(Manage::ImportLeads), Admin, IMPORT_BYTES),
        row(Method::POST, "/v1/leads/rescore", M(Manage::Rescore), Admin, SMALL_BYTES),
        row(Method::DELETE, "/v1/leads/{lead}", M(Manage::EraseLead), Admin, 0),
        row(Method::POST, "/v1/deliveries/replay", M(Manage::ReplayFailed), Admin, SMALL_BYTES),
        row(Method::POST, "/v1/deliveries/{delivery}/replay", M(Manage::ReplayDelivery), Admin, SMALL_BYTES),
        row(Method::POST, "/v1/destinations", M(Manage::AddDestination), Admin, SMALL_BYTES),
        row(Method::DELETE, "/v1/destinations/{destination}", M(Manage::RemoveDestination), Admin, 0),
        row(Method::POST, "/v1/destinations/{destination}/rotate", M(Manage::RotateSecret), Admin, SMALL_BYTES),
        row(Method::POST, "/v1/destinations/{destination}/enable", M(Manage::EnableDestination), Admin, SMALL_BYTES),
        row(Method::PUT, "/v1/sites/{site}", O(Operate::ApplySite), Operator, SITE_BYTES),
        row(Method::GET, "/v1/sites/{site}", O(Operate::ShowSite), Operator, 0),
        row(Method::POST, "/v1/sites/{site}/keys", O(Operate::IssueKey), Operator, SMALL_BYTES),
        row(Method::PUT, "/v1/sites/{site}/assets/{asset}", O(Operate::StoreAsset), Operator, ASSET_BYTES),
        row(Method::GET, "/v1/backup", P(Preserve::Backup), Operator, 0),
        row(Method::POST, "/v1/sites/{site}/restore", P(Preserve::Restore), Operator, PART_BYTES),
    ]
};
