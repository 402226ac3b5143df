//! What can be seen of a group of fields. Each observation is true or not; what it is worth for
//! each kind of form stands in [`crate::points`], and was learnt from saved pages.

macro_rules! observations {
    ($($name:ident $why:literal,)*) => {
        /// One thing that can be seen of a group.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Observation { $($name),* }

        impl Observation {
            /// How many there are.
            pub(crate) const COUNT: usize = [$($why),*].len();

            /// In words.
            pub(crate) const fn why(self) -> &'static str {
                match self { $(Self::$name => $why),* }
            }
        }

        #[cfg(feature = "training")]
        impl Observation {
            /// Every observation's name, in order.
            pub(crate) const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];
        }
    };
}

observations! {
    Always "before anything is looked at",
    // Passwords.
    OnePassword "one password",
    TwoPasswords "two passwords",
    ThreePasswords "three passwords or more",
    DeclaredCurrent "current-password is declared",
    DeclaredNew "new-password is declared",
    CalledNew "a password beside another is called new",
    CalledNewAlone "a lone password is called new",
    ToldNewAlone "the words at a lone password ask to choose one",
    CalledCurrent "a lone password is called the present one",
    CurrentBesideOther "the present password is asked for beside another",
    Repeated "a password is repeated",
    AlikeNames "two passwords have one name but for its end",
    LengthRule "a rule for new passwords is told",
    Bounded "passwords are held to a rule",
    PasswordShown "passwords are shown",
    PasswordAside "the password is kept from the keyboard",
    PasswordNamedLogin "a password is named after a login",
    PasswordNamedSignUp "a password is named after a sign-up",
    PasswordFirst "no text field before the password",
    TextBehind "a text field behind the passwords",
    // Other fields.
    NoText "no text field",
    OneText "one text field",
    TwoTexts "two text fields",
    SomeTexts "three or four text fields",
    ManyTexts "five text fields or more",
    DeclaredUsername "username is declared",
    DeclaredEmail "an e-mail address is declared",
    NameAndEmail "a user name beside an e-mail address",
    EmailRepeated "an e-mail address is repeated",
    NewName "a new name or address is asked for",
    Phone "a telephone number is asked for",
    Code "a code that is good once is asked for",
    Captcha "a proof that one is human is asked for",
    PhoneProof "a telephone number beside a code or a proof that one is human",
    TextNamedLogin "a text field is named after a login",
    TextNamedSignUp "a text field is named after a sign-up",
    PersonalDetail "a personal detail",
    PersonalDetails "personal details",
    NewsletterField "a field speaks of a newsletter",
    CardOrToken "a field for a card or a token",
    OneList "a list to choose from",
    Lists "lists to choose from",
    Radio "has radio buttons",
    Remember "offers to remember",
    Terms "asks to agree",
    NewsletterBox "a check box for a newsletter",
    OtherBox "a check box for something else",
    TextArea "a field for long texts",
    // Buttons and links.
    ButtonLogin "a button logs in",
    ButtonSignUp "a button signs up",
    ButtonBoth "a button logs in or signs up",
    ButtonChange "a button changes a password",
    ButtonSave "a button saves",
    ButtonNext "a button goes on",
    ButtonNewsletter "a button subscribes",
    ButtonSearch "a button searches",
    ButtonOther "a button does something else",
    PressLogin "something to press logs in",
    PressSignUp "something to press signs up",
    PressChange "something to press changes a password",
    PressSave "something to press saves",
    PressNext "something to press goes on",
    PressNewsletter "something to press subscribes",
    LinkForgot "offers help to those who forgot",
    LinkSignUp "links to a sign-up",
    LinkLogin "links to a login",
    LinkTerms "links to terms or a privacy policy",
    Guest "for those without an account",
    // Surroundings.
    HeadingLogin "heading: login",
    HeadingBoth "heading: login and sign-up",
    HeadingSignUp "heading: sign-up",
    HeadingChange "heading: change",
    HeadingNewsletter "heading: newsletter",
    NamedLogin "form name: login",
    NamedSignUp "form name: sign-up",
    NamedChange "form name: change",
    NamedNewsletter "form name: newsletter",
    ActionLogin "form's address: login",
    ActionSignUp "form's address: sign-up",
    ActionChange "form's address: change",
    NamedBoth "form name: login and sign-up",
    ActionBoth "form's address: login and sign-up",
    TitleBoth "title or address of the page: login and sign-up",
    TitleLogin "title or address of the page: login",
    TitleSignUp "title or address of the page: sign-up",
    TitleChange "title or address of the page: change",
    TitleNewsletter "title or address of the page: newsletter",
    OtherLogin "another form of the page logs in",
    OtherNew "another form of the page makes a password",
}
