//! IAM: roles. On one's own machine everything is allowed, so policies are taken note of and never refuse.

use crate::listing::timestamp;
use crate::{Context, error};
use atelier_store::{Doc, ListQuery, Sort, StoreError};
use atelier_wire::Error;
use atelier_wire::aws::Empty;
use atelier_wire::aws::iam::{
    AttachRolePolicyRequest, CreateRoleRequest, CreateRoleResponse, EvaluationResult, GetRoleRequest, GetRoleResponse,
    ListRolesRequest, ListRolesResponse, PolicyEvaluationDecisionType, Role, SimulatePolicyResponse,
    SimulatePrincipalPolicyRequest,
};
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};

const KIND: &str = "role";

/// Trusts SageMaker, as the role that the console makes does.
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct RoleRecord {
    request: CreateRoleRequest,
    policies: Vec<String>,
}

pub fn create_role(ctx: &Context, request: CreateRoleRequest) -> Result<CreateRoleResponse, Error> {
    let name = request.role_name.clone();
    let taken = || Error::new("EntityAlreadyExists", format!("Role with name {name} already exists.")).with_status(409);
    if name == ctx.settings.role_name() {
        return Err(taken());
    }
    match ctx.store.insert(KIND, &name, "", &RoleRecord { request, policies: Vec::new() }) {
        Ok(()) => Ok(CreateRoleResponse { role: find(ctx, &name)? }),
        Err(StoreError::Exists { .. }) => Err(taken()),
        Err(other) => Err(error::store(other)),
    }
}

pub fn get_role(ctx: &Context, request: GetRoleRequest) -> Result<GetRoleResponse, Error> {
    Ok(GetRoleResponse { role: find(ctx, &request.role_name)? })
}

fn find(ctx: &Context, name: &str) -> Result<Role, Error> {
    if name == ctx.settings.role_name() {
        return Ok(own(ctx));
    }
    let found = ctx.store.get::<RoleRecord>(KIND, name).map_err(error::store)?;
    found.map(|doc| role(ctx, doc)).ok_or_else(|| no_such_role(name))
}

fn no_such_role(name: &str) -> Error {
    Error::new("NoSuchEntity", format!("The role with name {name} cannot be found.")).with_status(404)
}

/// The execution role, which is always there.
fn own(ctx: &Context) -> Role {
    let path = ctx.settings.role.strip_suffix(ctx.settings.role_name()).unwrap_or_default();
    Role {
        path: format!("/{path}"),
        role_name: ctx.settings.role_name().to_owned(),
        role_id: id(ctx.settings.role_name()),
        arn: ctx.settings.role_arn(),
        create_date: timestamp(0),
        assume_role_policy_document: Some(escaped(TRUST)),
        max_session_duration: Some(3600),
        ..Role::default()
    }
}

fn role(ctx: &Context, doc: Doc<RoleRecord>) -> Role {
    let made = doc.body.request;
    let path = made.path.unwrap_or_else(|| "/".into());
    Role {
        arn: format!("arn:aws:iam::{}:role{path}{}", ctx.settings.account, made.role_name),
        path,
        role_id: id(&made.role_name),
        role_name: made.role_name,
        create_date: timestamp(doc.created_ms),
        assume_role_policy_document: Some(escaped(&made.assume_role_policy_document)),
        description: made.description,
        max_session_duration: Some(made.max_session_duration.unwrap_or(3600)),
        tags: made.tags,
        ..Role::default()
    }
}

/// `AROA` and 17 characters that belong to the name, as AWS's ids look.
pub(crate) fn id(name: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let bits = (u128::from(hasher.finish()) << 64) | u128::from(hasher.finish().rotate_left(29));
    let tail: String = (0..17).map(|n| ALPHABET[(bits >> (5 * n)) as usize % 32] as char).collect();
    format!("AROA{tail}")
}

/// IAM answers policies percent-encoded, and its clients decode them.
fn escaped(policy: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    policy.bytes().map(|byte| if keep(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") }).collect()
}

pub fn list_roles(ctx: &Context, request: ListRolesRequest) -> Result<ListRolesResponse, Error> {
    let query = ListQuery {
        sort: Sort::Name,
        limit: request.max_items.unwrap_or(100).clamp(1, 1000) as usize,
        after: request.marker.clone(),
        ..ListQuery::default()
    };
    let page = ctx.store.list::<RoleRecord>(KIND, &query).map_err(error::store)?;
    let first = request.marker.is_none().then(|| own(ctx));
    let mut roles: Vec<Role> = first.into_iter().chain(page.docs.into_iter().map(|doc| role(ctx, doc))).collect();
    if let Some(prefix) = &request.path_prefix {
        roles.retain(|role| role.path.starts_with(prefix));
    }
    Ok(ListRolesResponse { roles, is_truncated: Some(page.next.is_some()), marker: page.next })
}

pub fn attach_role_policy(ctx: &Context, request: AttachRolePolicyRequest) -> Result<Empty, Error> {
    if request.role_name == ctx.settings.role_name() {
        return Ok(Empty {});
    }
    let policy = request.policy_arn;
    let changed = ctx.store.update::<RoleRecord, ()>(KIND, &request.role_name, move |doc| {
        if !doc.body.policies.contains(&policy) {
            doc.body.policies.push(policy);
        }
    });
    changed.map_err(error::store)?.ok_or_else(|| no_such_role(&request.role_name))?;
    Ok(Empty {})
}

pub fn simulate_principal_policy(
    _ctx: &Context,
    request: SimulatePrincipalPolicyRequest,
) -> Result<SimulatePolicyResponse, Error> {
    let resources = request.resource_arns.filter(|all| !all.is_empty()).unwrap_or_else(|| vec!["*".into()]);
    let allowed = |action: &String, resource: &String| EvaluationResult {
        eval_action_name: action.clone(),
        eval_resource_name: Some(resource.clone()),
        eval_decision: PolicyEvaluationDecisionType::Allowed,
        ..EvaluationResult::default()
    };
    let each = |action| resources.iter().map(move |resource| allowed(action, resource));
    let evaluation_results = request.action_names.iter().flat_map(each).collect();
    Ok(SimulatePolicyResponse { evaluation_results: Some(evaluation_results), is_truncated: Some(false), marker: None })
}
