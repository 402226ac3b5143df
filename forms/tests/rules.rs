//! One row a rule: small pages written by hand, in many languages.

#[path = "support/pages.rs"]
mod pages;

use forms::{FieldLabel, FormKind, Have, analyze, plan};
use pages::page;
use proto::bridge::content::{FillRole, PageFacts};

const ALL: Have = Have {
    username: true,
    password: true,
    totp: true,
};

/// What is planned, as `user@0 pass@1 code@2`; empty where nothing is.
fn filled(page: &PageFacts, have: Have) -> String {
    let steps = plan(&analyze(page), have)
        .map(|plan| plan.steps)
        .unwrap_or_default();
    let words = steps.iter().map(|(index, role)| match role {
        FillRole::Username => format!("user@{index}"),
        FillRole::Password => format!("pass@{index}"),
        FillRole::Totp => format!("code@{index}"),
        other => format!("{other:?}@{index}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(title: &str, lines: &[&str], want: &str) {
    assert_eq!(filled(&page(title, lines), ALL), want, "{lines:?}");
}

#[test]
fn logins_are_filled_in_every_language() {
    for (user, password, button) in [
        ("User name", "Password", "Log in"),
        ("Benutzername", "Passwort", "Anmelden"),
        ("Identifiant", "Mot de passe", "Connexion"),
        ("Usuario", "Contraseña", "Iniciar sesión"),
        ("Usuário", "Senha", "Entrar"),
        ("Nome utente", "Password", "Accedi"),
        ("Gebruikersnaam", "Wachtwoord", "Inloggen"),
        ("Nazwa użytkownika", "Hasło", "Zaloguj się"),
        ("Имя пользователя", "Пароль", "Войти"),
        ("Ім’я користувача", "Пароль", "Увійти"),
        ("Uživatelské jméno", "Heslo", "Přihlásit se"),
        ("Kullanıcı adı", "Şifre", "Giriş yap"),
        ("Användarnamn", "Lösenord", "Logga in"),
        ("Brugernavn", "Adgangskode", "Log ind"),
        ("Brukernavn", "Passord", "Logg inn"),
        ("Käyttäjätunnus", "Salasana", "Kirjaudu"),
        ("Felhasználónév", "Jelszó", "Bejelentkezés"),
        ("Nume utilizator", "Parola", "Autentificare"),
        ("Όνομα χρήστη", "Κωδικός", "Σύνδεση"),
        ("ユーザー名", "パスワード", "ログイン"),
        ("用户名", "密码", "登录"),
        ("使用者名稱", "密碼", "登入"),
        ("아이디", "비밀번호", "로그인"),
        ("اسم المستخدم", "كلمة المرور", "تسجيل الدخول"),
        ("نام کاربری", "رمز عبور", "ورود"),
        ("שם משתמש", "סיסמה", "התחברות"),
        ("Nama pengguna", "Kata sandi", "Masuk"),
        ("Tên đăng nhập", "Mật khẩu", "Đăng nhập"),
        ("ชื่อผู้ใช้", "รหัสผ่าน", "เข้าสู่ระบบ"),
    ] {
        let lines = [
            "form",
            &format!("text a - | {user}"),
            &format!("password b - | {password}"),
            &format!("button {button}"),
        ];
        check("", &lines, "user@0 pass@1");
        let kinds: Vec<_> = analyze(&page("", &lines))
            .groups
            .iter()
            .map(|g| g.kind)
            .collect();
        assert_eq!(kinds, [FormKind::Login], "{button}");
    }
}

#[test]
fn sign_ups_are_left_alone_in_every_language() {
    for (button, repeat) in [
        ("Sign up", "Confirm password"),
        ("Registrieren", "Passwort wiederholen"),
        ("Créer un compte", "Confirmez le mot de passe"),
        ("Crear cuenta", "Repetir contraseña"),
        ("Criar conta", "Confirmar senha"),
        ("Registrati", "Conferma password"),
        ("Account aanmaken", "Herhaal wachtwoord"),
        ("Zarejestruj się", "Powtórz hasło"),
        ("Зарегистрироваться", "Повторите пароль"),
        ("Зареєструватися", "Підтвердіть пароль"),
        ("Zaregistrovat se", "Potvrzení hesla"),
        ("Kayıt ol", "Şifre tekrar"),
        ("Skapa konto", "Bekräfta lösenord"),
        ("Luo tili", "Vahvista salasana"),
        ("新規登録", "パスワード（確認）"),
        ("注册", "确认密码"),
        ("회원가입", "비밀번호 확인"),
        ("إنشاء حساب", "تأكيد كلمة المرور"),
        ("הרשמה", "אימות סיסמה"),
        ("Daftar", "Konfirmasi kata sandi"),
        ("Đăng ký", "Nhập lại mật khẩu"),
    ] {
        let repeat = format!("password c - | {repeat}");
        let button = format!("button {button}");
        // With a repetition, and by the button alone.
        check("", &["form", "email a", "password b", &repeat, &button], "");
        check("", &["form", "email a", "password b", &button], "");
        let page = page("", &["form", "email a", "password b", &repeat, &button]);
        let labels: Vec<_> = analyze(&page).fields().map(|field| field.label).collect();
        assert_eq!(labels[1..], [FieldLabel::NewPassword; 2], "{button}");
    }
}

#[test]
fn only_the_present_password_of_a_change_is_filled() {
    for (current, new, repeat) in [
        ("Current password", "New password", "Repeat new password"),
        (
            "Altes Passwort",
            "Neues Passwort",
            "Neues Passwort wiederholen",
        ),
        ("Ancien mot de passe", "Nouveau mot de passe", "Confirmer"),
        ("Contraseña actual", "Nueva contraseña", "Repetir"),
        ("Senha atual", "Nova senha", "Confirme a nova senha"),
        ("Obecne hasło", "Nowe hasło", "Powtórz nowe hasło"),
        ("Старый пароль", "Новый пароль", "Повторите новый пароль"),
        (
            "現在のパスワード",
            "新しいパスワード",
            "新しいパスワード（確認）",
        ),
        ("原密码", "新密码", "确认新密码"),
        ("현재 비밀번호", "새 비밀번호", "새 비밀번호 확인"),
    ] {
        let fields = [current, new, repeat].map(|label| format!("password p - | {label}"));
        check("", &["form", &fields[0], &fields[1], &fields[2]], "pass@0");
        // Forms exist that ask for the old one last, or declare all of them new.
        check("", &["form", &fields[1], &fields[2], &fields[0]], "pass@2");
        let declared = fields
            .each_ref()
            .map(|f| f.replace(" - ", " new-password "));
        check(
            "",
            &["form", &declared[0], &declared[1], &declared[2]],
            "pass@0",
        );
    }
    check(
        "Reset password",
        &["form", "password a", "password b", "button Reset password"],
        "",
    );
}

#[test]
fn what_cannot_be_seen_is_not_filled() {
    check(
        "",
        &["form", "!text user", "!password pass", "button Log in"],
        "",
    );
    check(
        "",
        &[
            "form",
            "!text user",
            "text login",
            "password pass",
            "button Log in",
        ],
        "user@1 pass@2",
    );
    check(
        "",
        &[
            "form",
            "text user",
            "!password trap",
            "password pass",
            "button Log in",
        ],
        "user@0 pass@2",
    );
    check(
        "",
        &["form", "~text user", "password pass", "button Log in"],
        "pass@1",
    );
    check(
        "",
        &["form", "text user", "~password pass", "button Log in"],
        "user@0",
    );
}

#[test]
fn the_user_name_is_found_among_its_neighbours() {
    for (lines, want) in [
        (
            &[
                "form",
                "text q - | Search",
                "text login",
                "password p",
                "button Log in",
            ][..],
            "user@1 pass@2",
        ),
        (
            &[
                "form",
                "text x",
                "password p",
                "text captcha",
                "button Log in",
            ],
            "user@0 pass@1",
        ),
        (
            &["form", "text captcha", "password p", "button Log in"],
            "pass@1",
        ),
        (
            &[
                "form",
                "email e",
                "text company",
                "password p",
                "button Log in",
            ],
            "user@0 pass@2",
        ),
        (
            &["form", "tel phone", "password p", "button Log in"],
            "user@0 pass@1",
        ),
        (
            &["form", "text otp", "password p", "button Log in"],
            "code@0 pass@1",
        ),
        // Nothing but order tells.
        (&["form", "text a", "password b"], "user@0 pass@1"),
        (&["text a", "password b"], "user@0 pass@1"),
    ] {
        check("", lines, want);
    }
}

#[test]
fn a_lone_password_is_a_login_unless_it_is_to_be_made() {
    check(
        "",
        &["form", "password p - | Enter your password", "button Next"],
        "pass@0",
    );
    check(
        "",
        &[
            "form",
            "password p - | Enter your password to confirm",
            "button Go on",
        ],
        "pass@0",
    );
    check(
        "",
        &["form", "password password2", "button Log in"],
        "pass@0",
    );
    check(
        "",
        &["form", "password p - | Choose a password", "button Next"],
        "",
    );
    check(
        "",
        &[
            "form",
            "password p - | Créer un mot de passe",
            "button Valider",
        ],
        "",
    );
    // Some login pages declare it new to keep browsers from filling.
    check(
        "",
        &[
            "form Log in",
            "text u",
            "password p new-password",
            "button Log in",
        ],
        "user@0 pass@1",
    );
}

#[test]
fn a_user_name_alone_is_filled_only_where_a_login_begins() {
    check(
        "",
        &["form Sign in", "text user username", "button Next"],
        "user@0",
    );
    check("", &["form", "text identifier", "button Next"], "user@0");
    check(
        "Anmelden",
        &[
            "form",
            "email e - | E-Mail",
            "button Weiter",
            "link Passwort vergessen?",
        ],
        "user@0",
    );
    check("", &["form", "email e - | E-mail", "button Subscribe"], "");
    check(
        "",
        &["form Newsletter abonnieren", "email e", "button Anmelden"],
        "",
    );
    check("", &["form", "search q", "button Search"], "");
    check(
        "",
        &[
            "form Forgot your password?",
            "email e",
            "button Reset password",
        ],
        "",
    );
    check(
        "",
        &["form Contact us", "text name", "email e", "button Send"],
        "",
    );
    check(
        "",
        &[
            "form Your new e-mail",
            "email new_email - | New email",
            "button Log in again",
        ],
        "",
    );
}

#[test]
fn of_several_passwords_the_right_ones_are_new() {
    let new = |lines: &[&str]| -> Vec<u32> {
        let analysis = analyze(&page("", lines));
        let new = analysis
            .fields()
            .filter(|f| f.label == FieldLabel::NewPassword);
        new.map(|field| field.index).collect()
    };
    // A decoy has no words, or is one too many.
    let sign_up = [
        "form Sign up",
        "email e",
        "password",
        "password p",
        "password r - | Repeat",
    ];
    assert_eq!(new(&[&sign_up[..], &["button Sign up"]].concat()), [2, 3]);
    let three = [
        "form Sign up",
        "email e",
        "password p",
        "password q",
        "password r - | Repeat",
    ];
    assert_eq!(new(&[&three[..], &["button Sign up"]].concat()), [2, 3]);
    // One that confirms another change stands before the present one.
    let settings = [
        "form Settings",
        "text n - | Name",
        "password a - | Account password",
        "password b - | Current password",
        "password c - | New password",
        "password d - | Repeat new password",
        "button Save",
    ];
    assert_eq!(new(&settings), [3, 4]);
    // A sign-up named after the login of another site.
    let social = [
        "form Create account",
        "email e",
        "password social-login-pass - | Password",
        "password again - | Confirm password",
        "button Create account",
    ];
    assert_eq!(new(&social), [1, 2]);
    // How strong it is stands beside it.
    let strength = [
        "form",
        "email e",
        "password p - | Password Strength:",
        "password r - | Confirm password",
        "button Sign up",
    ];
    assert_eq!(new(&strength), [1, 2]);
}

#[test]
fn a_telephone_number_that_is_proved_makes_an_account() {
    let proof = ["form", "tel phone", "password p", "text c - | 验证码"];
    check("", &proof, "");
    check(
        "",
        &[&proof[..], &["button 登录"]].concat(),
        "user@0 pass@1",
    );
    // "Password or OTP" takes a password.
    check(
        "",
        &[
            "form",
            "text user",
            "password p - | Password/OTP",
            "button Log in",
        ],
        "user@0 pass@1",
    );
}

#[test]
fn a_button_that_asks_leads_elsewhere() {
    let login = [
        "form",
        "text u",
        "password p",
        "button No account yet? Sign up",
    ];
    check(
        "",
        &[&login[..], &["button Log in"]].concat(),
        "user@0 pass@1",
    );
    let sign_up = ["form", "email e", "password p", "button Sign up"];
    check(
        "",
        &[&sign_up[..], &["button Registered? Log in"]].concat(),
        "",
    );
}

#[test]
fn who_buys_as_a_guest_has_no_login() {
    check("", &["form", "email e", "button Continue"], "user@0");
    check("", &["form", "email e", "button Continue as guest"], "");
    check(
        "",
        &["form Guest checkout", "email e", "button Continue"],
        "",
    );
}

#[test]
fn codes_are_filled_as_codes() {
    check(
        "",
        &["form", "text code one-time-code", "button Verify"],
        "code@0",
    );
    check(
        "",
        &["form", "tel c - | Код подтверждения", "button Войти"],
        "code@0",
    );
    check(
        "",
        &["form", "text vcode - | Enter the captcha", "button Go"],
        "",
    );
    // A code box that hides what is typed is no password box.
    check(
        "",
        &[
            "form",
            "password c one-time-code | Your code",
            "button Verify",
        ],
        "code@0",
    );
}

#[test]
fn of_several_forms_the_login_is_chosen() {
    let login = ["form Log in", "text u", "password p", "button Log in"];
    let sign_up = [
        "form Join",
        "text a",
        "email b",
        "password c",
        "password d",
        "button Sign up",
    ];
    check("", &[&login[..], &sign_up].concat(), "user@0 pass@1");
    check("", &[&sign_up[..], &login].concat(), "user@4 pass@5");
    // In one element, as some frameworks have it.
    let one = [&login[..], &sign_up[1..]].concat();
    check("", &one, "user@0 pass@1");
    // In no element at all: a second user name begins a second form. Of two logins nobody can tell
    // which one is looked at.
    check(
        "",
        &["text username", "password p", "text username", "password p"],
        "user@0 user@2 pass@1 pass@3",
    );
    // The focus decides between equals.
    let mut page = page("", &[&login[..], &login].concat());
    assert_eq!(filled(&page, ALL), "user@0 user@2 pass@1 pass@3");
    page.fields[3].focused = true;
    assert_eq!(filled(&page, ALL), "user@2 pass@3");
}

#[test]
fn a_login_fills_what_it_has() {
    let page = page("", &["form", "text u", "password p", "button Log in"]);
    let have = |username, password| Have {
        username,
        password,
        totp: false,
    };
    assert_eq!(filled(&page, have(true, false)), "user@0");
    assert_eq!(filled(&page, have(false, true)), "pass@1");
    assert_eq!(filled(&page, have(false, false)), "");
}

#[test]
fn other_hidden_numbers_are_no_passwords() {
    check(
        "",
        &[
            "form Payment",
            "text cardnumber",
            "password cvv - | CVV",
            "button Pay",
        ],
        "",
    );
    let pin = [
        "form",
        "password a - | Digit 1 of your code",
        "password b",
        "password c",
        "password d",
    ];
    check("", &pin, "");
}

#[test]
fn a_login_behind_hundreds_of_other_fields_is_filled() {
    let pears: Vec<String> = (0..490)
        .map(|pear| format!("text pear-{pear} | Pear {pear}"))
        .collect();
    let mut lines: Vec<&str> = pears.iter().map(String::as_str).collect();
    lines.extend([
        "form Welcome back",
        "text username username | User name",
        "password password current-password | Password",
        "button Sign in",
    ]);
    let analysis = forms::analyze(&page("Sign in", &lines));
    let have = forms::Have {
        username: true,
        password: true,
        totp: false,
    };
    let plan = forms::plan(&analysis, have).map(|plan| plan.steps);
    let fields: Vec<u32> = plan.into_iter().flatten().map(|(field, _)| field).collect();
    assert_eq!(fields, [490, 491]);
}

#[test]
fn a_password_that_waits_for_its_user_name_is_filled() {
    let lines = [
        "form Welcome back",
        "text username username | User name",
        "~password password current-password | Password",
        "button Sign in",
    ];
    let have = Have {
        username: true,
        password: true,
        totp: false,
    };
    let fields = |page: &PageFacts| -> Vec<u32> {
        let plan = plan(&analyze(page), have).map(|plan| plan.steps);
        plan.into_iter().flatten().map(|(field, _)| field).collect()
    };
    let mut shut = page("Sign in", &lines);
    assert_eq!(fields(&shut), [0], "read-only");
    shut.fields[1].disabled = true;
    assert_eq!(fields(&shut), [0, 1]);
    // One that holds something waits for nothing.
    shut.fields[1].filled = true;
    assert_eq!(fields(&shut), [0]);
}
