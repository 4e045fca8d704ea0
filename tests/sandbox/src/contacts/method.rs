//! What is asked for, by path and method; the scopes and the parameters it takes.

use super::refusal::Refusal;
use crate::api::Call;

const AUTH: &str = "https://www.googleapis.com/auth/";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    List,
    Get,
    BatchGet,
    Create,
    Update,
    Delete,
    BatchCreate,
    BatchUpdate,
    BatchDelete,
    ListGroups,
    GetGroup,
    BatchGetGroups,
    CreateGroup,
    UpdateGroup,
    DeleteGroup,
    ModifyMembers,
}

impl Method {
    /// What a call asks for, and the resource it names.
    pub(super) fn asked(call: &Call) -> Option<(Self, String)> {
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        let (method, id) = match (call.method.as_str(), path.as_slice()) {
            ("GET", ["people:batchGet"]) => (Self::BatchGet, ""),
            ("POST", ["people:createContact"]) => (Self::Create, ""),
            ("POST", ["people:batchCreateContacts"]) => (Self::BatchCreate, ""),
            ("POST", ["people:batchUpdateContacts"]) => (Self::BatchUpdate, ""),
            ("POST", ["people:batchDeleteContacts"]) => (Self::BatchDelete, ""),
            ("GET", ["people", id, "connections"]) => (Self::List, *id),
            (_, ["people", last]) => return person(&call.method, last),
            ("GET", ["contactGroups"]) => (Self::ListGroups, ""),
            ("POST", ["contactGroups"]) => (Self::CreateGroup, ""),
            ("GET", ["contactGroups:batchGet"]) => (Self::BatchGetGroups, ""),
            ("GET", ["contactGroups", id]) => (Self::GetGroup, *id),
            ("PUT", ["contactGroups", id]) => (Self::UpdateGroup, *id),
            ("DELETE", ["contactGroups", id]) => (Self::DeleteGroup, *id),
            ("POST", ["contactGroups", id, "members:modify"]) => (Self::ModifyMembers, *id),
            _ => return None,
        };
        Some((method, method.resource(id)))
    }

    fn resource(self, id: &str) -> String {
        match self {
            Self::Get | Self::Update | Self::Delete | Self::List => format!("people/{id}"),
            _ => format!("contactGroups/{id}"),
        }
    }

    /// As Google calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::List => "people.connections.list",
            Self::Get => "people.get",
            Self::BatchGet => "people.getBatchGet",
            Self::Create => "people.createContact",
            Self::Update => "people.updateContact",
            Self::Delete => "people.deleteContact",
            Self::BatchCreate => "people.batchCreateContacts",
            Self::BatchUpdate => "people.batchUpdateContacts",
            Self::BatchDelete => "people.batchDeleteContacts",
            Self::ListGroups => "contactGroups.list",
            Self::GetGroup => "contactGroups.get",
            Self::BatchGetGroups => "contactGroups.batchGet",
            Self::CreateGroup => "contactGroups.create",
            Self::UpdateGroup => "contactGroups.update",
            Self::DeleteGroup => "contactGroups.delete",
            Self::ModifyMembers => "contactGroups.members.modify",
        }
    }

    /// Whether it changes something.
    pub(super) fn writes(self) -> bool {
        !matches!(
            self,
            Self::List
                | Self::Get
                | Self::BatchGet
                | Self::ListGroups
                | Self::GetGroup
                | Self::BatchGetGroups
        )
    }

    /// The parameters it takes.
    pub(super) fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::List => &[
                "personFields",
                "requestMask.includeField",
                "pageSize",
                "pageToken",
                "requestSyncToken",
                "syncToken",
                "sortOrder",
                "sources",
            ],
            Self::Get => &["personFields", "requestMask.includeField", "sources"],
            Self::BatchGet => &["personFields", "requestMask.includeField", "sources", "resourceNames"],
            Self::Create => &["personFields", "sources"],
            Self::Update => &["personFields", "sources", "updatePersonFields"],
            Self::ListGroups => &["groupFields", "pageSize", "pageToken", "syncToken"],
            Self::GetGroup => &["groupFields", "maxMembers"],
            Self::BatchGetGroups => &["groupFields", "maxMembers", "resourceNames"],
            Self::DeleteGroup => &["deleteContacts"],
            Self::Delete
            | Self::BatchCreate
            | Self::BatchUpdate
            | Self::BatchDelete
            | Self::CreateGroup
            | Self::UpdateGroup
            | Self::ModifyMembers => &[],
        }
    }

    /// Whether one of the scopes opens it.
    pub(super) fn open(self, scopes: &[String]) -> Result<(), Refusal> {
        let held = |name: &str| scopes.iter().any(|scope| scope.strip_prefix(AUTH) == Some(name));
        if held("contacts") || (!self.writes() && held("contacts.readonly")) {
            return Ok(());
        }
        Err(Refusal::scopes())
    }
}

/// One person, and what is to be done with it.
fn person(method: &str, last: &str) -> Option<(Method, String)> {
    let (id, verb) = last.rsplit_once(':').unwrap_or((last, ""));
    let asked = match (method, verb) {
        ("GET", "") => Method::Get,
        ("PATCH", "updateContact") => Method::Update,
        ("DELETE", "deleteContact") => Method::Delete,
        _ => return None,
    };
    Some((asked, asked.resource(id)))
}
