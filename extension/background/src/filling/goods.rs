//! What is filled: an item of the vault, or a password just made.

use engine::{
    UserAct,
    release::{Released, Target, may_release},
};
use forms::{Analysis, FillPlan, Have};
use proto::{
    bridge::{
        content::{CardPart, FillStep, IdentityPart},
        endpoint::FrameSender,
    },
    error::{ErrorCode, WireError},
    ids::ItemId,
    vault::{ItemKind, ItemOverview, SecretText},
};

use super::{Candidate, values};
use crate::account::Account;

/// What is filled.
pub(crate) enum Goods {
    /// An item.
    Item(ItemId, ItemOverview),
    /// A password that nobody has used yet.
    NewPassword(SecretText),
}

impl Goods {
    /// An item of the vault.
    ///
    /// # Errors
    /// `NothingToFill` for a note; as [`engine::Engine::item`].
    pub(crate) async fn item(engine: &Account, item: ItemId) -> Result<Self, WireError> {
        let overview = engine.item(item).await?.overview;
        if overview.kind == ItemKind::Note {
            return Err(ErrorCode::NothingToFill.into());
        }
        Ok(Self::Item(item, overview))
    }

    /// Which item; `None` for what is none.
    pub(crate) fn id(&self) -> Option<ItemId> {
        match self {
            Self::Item(id, _) => Some(*id),
            Self::NewPassword(_) => None,
        }
    }

    /// The best plan for a frame.
    pub(crate) fn plan(&self, analysis: &Analysis) -> Option<FillPlan> {
        match self {
            Self::Item(_, overview) => match overview.kind {
                ItemKind::Login => forms::plan(analysis, have(overview)),
                ItemKind::Card => forms::plan_card(analysis, &CARD),
                ItemKind::Identity => forms::plan_identity(analysis, &IDENTITY),
                ItemKind::Note => None,
            },
            Self::NewPassword(_) => forms::plan_new_password(analysis),
        }
    }

    /// The plan around a field: nothing outside its group is filled.
    pub(crate) fn plan_at(&self, analysis: &Analysis, field: u32) -> Option<FillPlan> {
        match self {
            Self::Item(_, overview) if overview.kind == ItemKind::Login => {
                forms::plan_at(analysis, field, have(overview))
            }
            _ => self.plan(&Analysis {
                groups: vec![analysis.field(field)?.0.clone()],
            }),
        }
    }

    /// Whether the gate would let it into a frame.
    ///
    /// # Errors
    /// Why it would not.
    pub(crate) fn may_go(&self, sender: &FrameSender, act: UserAct) -> Result<(), ErrorCode> {
        let what = match self {
            Self::Item(_, overview) => Released::Item(overview),
            Self::NewPassword(_) => Released::NewPassword,
        };
        may_release(what, Target::Page(sender), Some(act)).map_err(ErrorCode::from)
    }

    /// The values of a plan, through the gate.
    ///
    /// # Errors
    /// Why the gate refused.
    pub(super) async fn release(
        &self,
        engine: &Account,
        sender: &FrameSender,
        act: UserAct,
        candidate: &Candidate,
    ) -> Result<Vec<FillStep>, WireError> {
        let steps = match self {
            Self::Item(id, overview) => match overview.kind {
                ItemKind::Login => {
                    let credential = engine.release(*id, sender, act).await?;
                    values::of_login(&candidate.plan, &credential)
                }
                ItemKind::Card => {
                    let card = engine.release_card(*id, sender, act).await?;
                    values::of_card(candidate, &card)
                }
                ItemKind::Identity => {
                    let identity = engine.release_identity(*id, sender, act).await?;
                    values::of_identity(&candidate.plan, &identity)
                }
                ItemKind::Note => Vec::new(),
            },
            Self::NewPassword(password) => {
                may_release(Released::NewPassword, Target::Page(sender), Some(act))
                    .map_err(ErrorCode::from)?;
                values::of_new_password(&candidate.plan, password)
            }
        };
        if steps.is_empty() {
            return Err(ErrorCode::NothingToFill.into());
        }
        Ok(steps)
    }
}

/// Parts that a card may have; those that it lacks go nowhere.
const CARD: [CardPart; 6] = [
    CardPart::Number,
    CardPart::Holder,
    CardPart::Expiry,
    CardPart::ExpiryMonth,
    CardPart::ExpiryYear,
    CardPart::Code,
];

/// The same of an identity.
const IDENTITY: [IdentityPart; 13] = [
    IdentityPart::FullName,
    IdentityPart::GivenName,
    IdentityPart::FamilyName,
    IdentityPart::Email,
    IdentityPart::Phone,
    IdentityPart::Organization,
    IdentityPart::Street,
    IdentityPart::StreetLine1,
    IdentityPart::StreetLine2,
    IdentityPart::City,
    IdentityPart::Region,
    IdentityPart::PostalCode,
    IdentityPart::Country,
];

fn have(login: &ItemOverview) -> Have {
    Have {
        username: !login.subtitle.is_empty(),
        password: login.has_password,
        totp: login.has_totp,
    }
}

#[cfg(test)]
mod tests {
    use proto::{bridge::content::PageFacts, ids::UnixMillis};
    use serde_json::json;

    use super::*;

    /// Two forms that ask for a card; the first asks for more of it.
    fn two_checkouts() -> Analysis {
        let field = |(index, form, name): (u32, u32, &str)| {
            json!({
                "index": index, "tag": "input", "kind": "text", "name": "", "id": "", "class": "",
                "autocomplete": name, "placeholder": "", "label": "", "nearby": "", "form": form,
                "maxLength": 0, "visible": true, "editable": true, "filled": false, "focused": false,
            })
        };
        let fields = [
            (0, 0, "cc-name"),
            (1, 0, "cc-number"),
            (2, 0, "cc-exp"),
            (3, 0, "cc-csc"),
            (4, 1, "cc-number"),
            (5, 1, "cc-csc"),
        ];
        let form = json!({"id": "", "name": "", "class": "", "action": "", "heading": "Payment"});
        let facts: Result<PageFacts, _> = serde_json::from_value(json!({
            "ticket": 7, "title": "", "path": "/", "language": "en",
            "fields": fields.map(field), "forms": [form, form], "buttons": [],
        }));
        facts.map_or_else(|_| Analysis { groups: vec![] }, |it| forms::analyze(&it))
    }

    #[test]
    fn a_card_goes_into_the_form_that_the_user_is_at() {
        let card = Goods::Item(
            ItemId::from_bytes([1; 16]),
            ItemOverview {
                kind: ItemKind::Card,
                title: "Bank".to_owned(),
                subtitle: String::new(),
                urls: vec![],
                has_password: false,
                has_totp: false,
                created_at: UnixMillis(0),
                updated_at: UnixMillis(0),
                conflict_of: None,
            },
        );
        let analysis = two_checkouts();
        let fields = |plan: Option<FillPlan>| -> Vec<u32> {
            let steps = plan.map(|plan| plan.steps).unwrap_or_default();
            steps.into_iter().map(|(index, _)| index).collect()
        };
        assert_eq!(fields(card.plan(&analysis)), [0, 1, 2, 3]);
        assert_eq!(fields(card.plan_at(&analysis, 1)), [0, 1, 2, 3]);
        assert_eq!(fields(card.plan_at(&analysis, 5)), [4, 5]);
        assert_eq!(card.plan_at(&analysis, 6), None);
    }
}
