//! From facts to labels: what each form is for, what each field is.

use proto::bridge::content::{CardPart, IdentityPart, PageFacts};
use serde::Serialize;

use crate::{
    evidence::{Evidence, Others},
    groups,
    kind::{self, POINTS, Points},
};

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldLabel {
    /// Name that one logs in with; may be an e-mail address or a number.
    Username,
    /// An e-mail address that is not (known to be) the name one logs in with.
    Email,
    /// The password in use. Only this may get a saved password.
    CurrentPassword,
    /// A password to be made, or its repetition. The page may show it.
    NewPassword,
    /// A code that is good once. Of boxes for one character each only the first is called so.
    OneTimeCode,
    /// Part of a payment card.
    Card(CardPart),
    /// Part of an identity.
    Identity(IdentityPart),
    /// A search box.
    Search,
    /// Anything else.
    Other,
}

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    /// Logging in with a password.
    Login,
    /// First page of a login: the user name alone.
    UsernameFirst,
    /// Making an account.
    SignUp,
    /// Changing or resetting a password.
    ChangePassword,
    /// Entering a one-time code.
    Otp,
    /// Paying by card; may ask for an address too.
    Card,
    /// Telling who one is and where one lives.
    Identity,
    /// Searching.
    Search,
    /// Asking for mail.
    Newsletter,
    /// Anything else.
    Other,
}

/// One field of [`Analysis`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabelledField {
    /// [`proto::bridge::content::FieldFacts::index`].
    pub index: u32,
    /// What it is for.
    pub label: FieldLabel,
    /// What spoke for the label, the most telling first; never empty.
    pub reasons: Vec<FieldReason>,
    /// Whether it shows dots for what is typed: `type=password`, or a text box that is masked.
    pub secret: bool,
    /// Whether a person sees it and can change it; nothing else is ever filled.
    pub usable: bool,
    /// Whether it has the focus.
    pub focused: bool,
}

/// Fields that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// What it is for.
    pub kind: FormKind,
    /// How sure that is: the points for its kind less those for the next one. Ten points make it
    /// about three times as likely.
    pub score: i32,
    /// What spoke for and against, for debugging.
    pub reasons: Vec<Reason>,
    /// Its fields in document order, check boxes and the like among them.
    pub fields: Vec<LabelledField>,
}

/// Points that an observation gave a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// For what.
    pub kind: FormKind,
    /// How much; below zero where it speaks against it.
    pub points: i32,
    /// Why.
    pub why: &'static str,
}

/// What spoke for a field's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FieldReason {
    /// How much; 0 where it is a rule and not weighed.
    pub points: i32,
    /// Why.
    pub why: &'static str,
}

/// What a frame's fields are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Analysis {
    /// In order of their first fields.
    pub groups: Vec<Group>,
}

impl Analysis {
    /// Every field in document order of its group.
    pub fn fields(&self) -> impl Iterator<Item = &LabelledField> {
        self.groups.iter().flat_map(|group| &group.fields)
    }

    /// The group of a field and the field; `None` where the frame has no such field.
    pub fn field(&self, index: u32) -> Option<(&Group, &LabelledField)> {
        let of = |group: &'_ Group| group.fields.iter().position(|field| field.index == index);
        let group = self.groups.iter().find(|group| of(group).is_some())?;
        Some((group, group.fields.get(of(group)?)?))
    }
}

/// Labels every field of `page`.
pub fn analyze(page: &PageFacts) -> Analysis {
    analyze_with(page, &POINTS)
}

/// As [`analyze`], with other points than those that ship.
pub(crate) fn analyze_with(page: &PageFacts, points: &Points) -> Analysis {
    let drafts = groups::drafts(page);
    let others = Others::of(&drafts);
    let judged = drafts
        .iter()
        .zip(others)
        .map(|(draft, others)| kind::judge(draft, &Evidence::of(draft, others), points));
    Analysis {
        groups: judged.collect(),
    }
}
