//! STS: who the caller is. Everybody who can sign is the execution role.

use crate::Context;
use atelier_wire::Error;
use atelier_wire::aws::sts::{GetCallerIdentityRequest, GetCallerIdentityResponse};

pub fn get_caller_identity(
    ctx: &Context,
    _request: GetCallerIdentityRequest,
) -> Result<GetCallerIdentityResponse, Error> {
    let settings = &ctx.settings;
    Ok(GetCallerIdentityResponse {
        user_id: Some(format!("{}:SageMaker", super::role::id(settings.role_name()))),
        account: Some(settings.account.clone()),
        // An assumed role, from which the SDK derives the role's name for `get_execution_role`.
        arn: Some(format!("arn:aws:sts::{}:assumed-role/{}/SageMaker", settings.account, settings.role_name())),
    })
}
