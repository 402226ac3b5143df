//! A plan with its values, and what became of it.

use engine::Credential;
use forms::FillPlan;
use proto::bridge::{
    content::{FillRole, FillStep, Filled},
    popup::FillReport,
};

/// The values that go into the fields of a plan; empty ones go nowhere.
pub(super) fn steps(plan: &FillPlan, credential: &Credential) -> Vec<FillStep> {
    let value = |role| match role {
        FillRole::Username => Some(&credential.username),
        FillRole::Password => Some(&credential.password),
        FillRole::Totp => Some(&credential.totp),
        FillRole::NewPassword | FillRole::Card(_) | FillRole::Identity(_) => None,
    };
    let step = |&(field, role): &(u32, FillRole)| {
        let value = value(role)?.clone();
        Some(FillStep { field, role, value })
    };
    plan.steps
        .iter()
        .filter_map(step)
        .filter(|step| !step.value.is_empty())
        .collect()
}

/// What the fields hold that were to be filled.
pub(super) fn report(plan: &FillPlan, filled: &Filled) -> FillReport {
    let did = |role| {
        plan.steps
            .iter()
            .any(|&(field, of)| of == role && filled.fields.contains(&field))
    };
    FillReport {
        username: did(FillRole::Username),
        password: did(FillRole::Password),
        totp: did(FillRole::Totp),
    }
}

#[cfg(test)]
mod tests {
    use proto::vault::SecretText;

    use super::*;

    fn plan() -> FillPlan {
        FillPlan {
            steps: vec![(1, FillRole::Username), (4, FillRole::Password)],
            score: 1,
        }
    }

    #[test]
    fn values_go_to_their_roles_and_empty_ones_nowhere() {
        let credential = Credential {
            username: SecretText::default(),
            password: SecretText::new("p"),
            totp: SecretText::new("000000"),
        };
        let steps = steps(&plan(), &credential);
        let want = FillStep {
            field: 4,
            role: FillRole::Password,
            value: SecretText::new("p"),
        };
        assert_eq!(steps, [want]);
    }

    #[test]
    fn report_tells_what_the_fields_hold() {
        let filled = |fields: &[u32]| Filled {
            ticket: 1,
            fields: fields.to_vec(),
            stale: false,
        };
        let told = report(&plan(), &filled(&[4]));
        assert!(told.password && !told.username && !told.totp);
        let told = report(&plan(), &filled(&[2]));
        assert!(!told.password && !told.username);
    }
}
