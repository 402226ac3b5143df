//! What sites call things, in many languages: folded as [`crate::text`] folds a page's texts.
//! A bar stands before every word; a space at an end of one is its border.
//!
//! Every word has three bytes at least.
//!
//! Order within a table: en · de nl · fr es pt it ro · sv da no fi · pl cs sk hu tr · ru uk · el ·
//! ja zh ko · ar fa he · id vi th hi. A word that means two things stands where it is meant most.

pub(crate) mod details;

/// What a button or heading of a login form says.
pub(crate) const LOGIN: &str = "\
    | log in| login| log me in| log on| logon| log into| sign in| signin| sign me in| sign on\
    | signon| log back in| welcome back|willkommen zuruck|bon retour|bienvenido de nuevo\
    |bem vindo de volta|bentornato|welkom terug|с возвращением|おかえり|欢迎回来|歡迎回來|다시 오신|authenticat| unlock | anmelden| anmeldung| einloggen| log dich ein\
    | inloggen| aanmelden| log ind | connexion| connecter| connectez| me connecter| identifier\
    | identifiez| s identifier| iniciar sesion| inicia sesion| inicie sesion| inicio de sesion\
    | acceder | accede | acceso| ingresar| ingrese | ingresa | entrar | conectar| identificate\
    | identifiquese| entre | iniciar sessao| inicie sessao| fazer login| acessar| acesse| acesso\
    | accedi| accesso| entra | autentificare| conectare| intra in cont| logga in| logga pa\
    | inloggning| log pa | logg inn| logg pa| kirjaudu| kirjautu| zaloguj| logowanie| prihlasit\
    | prihlasen| prihlas| bejelentkez| belepes| giris| oturum ac| воити| вход| авториз| увіити\
    | вхід| увиити| συνδεση| εισοδοσ| συνδεθειτε|ログイン|サインイン|ログオン|登录|登錄|登入|登陆|登陸|로그인|تسجيل الدخول\
    | دخول| ورود | ورود| התחבר| כניסה| היכנס| masuk| log masuk| dang nhap|เขาสูระบบ|लॉग इन\
    |साइन इन\
    | witaj ponownie| tekrar hos geldin| valkommen tillbaka| velkommen tilbage\
    | velkommen tilbake| tervetuloa takaisin| vitejte zpet| bine ai revenit\
    | selamat datang kembali| chao mung ban tro lai| chao mung tro lai|ยินดีตอนรับกลับ\
    | з поверненням|ברוך שובך|ברוכים השבים|مرحبا بعودتك|خوش برگشتيد|फिर से सवागत|আবার সবাগত\
    |ফিরে আসার জনয| belep| autentifica| conecteaza| intra in| prijav| prijavi| logi sisse\
    | pieteik| prisijung| vpis | وارد شو|تسجيل دخول|سجل الدخول|לוגין|להתחבר|ลอกอิน|ลงชือเขาใช\
    |लॉगिन|परवेश करें|লগ ইন|লগইন|সাইন ইন|পরবেশ করুন|உளநுழை|లాగిన|ലോഗിൻ\
    | inicia la sessio| inicia sessio| iniciar la sessio";

/// What a button or heading of a sign-up form says.
pub(crate) const SIGN_UP: &str = "\
    | sign up| signup| sign me up| reg |register|registration| create account| create an account\
    | create your | create my | create a new | create new | create a free| create free\
    | creating an account| create profile| createaccount| new account| new user| new customer\
    | new member| newuser| join | joinus| enroll| enrol | get started| start free| start my free\
    | try free| try it free| free trial| open an account| open account| become a member\
    | setup account| set up your|signupform| account creation|registrier| konto erstellen\
    | konto anlegen| konto eroffnen| neukunde| account erstellen| account anlegen| benutzerkonto\
    | mitglied werden|registreren|registreer| account aanmaken| maak een account| maak account\
    | word lid|inscription| inscrire| inscrivez| s enregistrer| creer un compte| creer mon compte\
    | creer votre compte| creer votre| creez votre| creation de compte| nouveau client|registrar\
    | registro| registrate| crear cuenta| crear una cuenta| crear tu cuenta| crea tu cuenta\
    | crear mi cuenta| crea una cuenta| darse de alta| unete| cadastr| criar conta\
    | crie sua conta| crie a sua conta| criar uma conta| criar minha| registar| registo \
    | inscreva|registrati|registrazione| crea account| crea un account| crea il tuo| iscriviti\
    | iscrizione| inregistr| creeaza cont|registrera| skapa konto| skapa ett konto| bli medlem\
    | opret | opret konto| tilmeld| opprett| rekisteroi| luo tili| luo kayttaja| zarejestruj\
    | rejestrac| rejestruj| zaloz konto| utworz konto| stworz konto| registrac| registrovat\
    | zaregistr| vytvorit ucet| zalozit ucet| vytvorit konto| regisztr| fiok letrehozas| kayit ol\
    | kaydol| uye ol| hesap olustur| uyelik| регистрац| зарегистр| регистрир| создать аккаунт\
    | создать учетн| создание аккаунт| реєстрац| зареєстр| створити акаунт| створити облік\
    | εγγραφη| δημιουργια λογαριασμου|新規登録|会員登録|アカウントを作成|アカウント作成|登録する|無料登録|新規会員|注册|註冊|创建账户|创建帐户\
    |创建账号|建立帳戶|建立帳號|加入会员|加入會員|회원가입|가입하기|계정 만들기|가입|انشاء حساب|تسجيل جديد| اشترك|ثبت نام| عضويت\
    | הרשמה| הירשם| צור חשבון| daftar| buat akun| registrasi| dang ky| tao tai khoan|สมัครสมาชิก\
    |ลงทะเบียน|साइन अप\
    | dolacz| zapisz konto| hesap ac| registrer deg| registrer dig| luo tunnus| liity \
    | fiok letrehoz| uj fiok| creeaza un cont| creaza cont| cont nou| registrirajte\
    | napravi racun| приєднат| реєструи| δημιουργια νεου λογαριασμου| δημιουργηστε λογαριασμο\
    | εγγραφειτε| bergabung| buat akaun| tao moi tai khoan|สรางบัญชี|สมัครใชงาน|יצירת חשבון\
    |פתיחת חשבון|פתח חשבון|הצטרף|הצטרפות|להירשם|سجل الان|فتح حساب|حساب جديد|ايجاد حساب|ساخت حساب\
    |حساب كاربري جديد|खाता बना|अकाउंट बना|खाता खोल|पंजीकरण|पंजीकृत|रजिसटर|रजिसटरेशन|নিবনধন\
    |রেজিসটার|রেজিসটরেশন|সাইন আপ|অযাকাউনট তৈরি|অযাকাউনট খুল|একাউনট তৈরি\
    | crea un compte| crear un compte| registra t";

/// What a form that changes or resets a password is called.
pub(crate) const CHANGE: &str = "\
    | change password| change your password| change my password| update password\
    | update your password| reset password| reset your password| reset my password\
    | password reset| password change| changepassword| resetpassword| passwordreset| set password\
    | set a password| set new password| set your password| set up your password\
    | choose a new password| create a new password| create new password| new password| changepass\
    | changepwd| edit password| recover password| password recovery| passwort andern\
    | passwort aendern| kennwort andern| passwort zurucksetzen| passwort setzen\
    | wachtwoord wijzigen| wachtwoord veranderen| wachtwoord instellen| changer le mot de passe\
    | changer mon mot de passe| modifier le mot de passe| modifier mon mot de passe| reinitialis\
    | cambiar contrasena| cambiar la contrasena| cambiar clave| restablecer| alterar senha\
    | alterar a senha| mudar senha| redefinir| cambia password| modifica password| reimposta\
    | andra losenord| byt losenord| skift adgangskode| endre passord| bytt passord\
    | vaihda salasana| zmien haslo| zmiana hasla| zmena hesla| zmenit heslo| jelszo modositas\
    | sifre degistir| sifre yenile| sifre sifirla| смена пароля| сменить пароль| изменить пароль\
    | изменение пароля| зміна пароля| змінити пароль| αλλαγη κωδικου|パスワード変更|パスワードの変更|パスワードを変更\
    |パスワード再設定|修改密码|修改密碼|更改密码|更改密碼|变更密码|變更密碼|重置密码|重設密碼|비밀번호 변경|비밀번호 재설정|비밀번호 설정|تغيير كلمة المرور\
    |تغيير رمز| שינוי סיסמה| ubah kata sandi| ganti kata sandi| ganti password| doi mat khau\
    | dat lai mat khau\
    | resetuj haslo| zresetuj haslo| ustaw nowe haslo| obnovit heslo| obnoveni hesla\
    | nastavit heslo| jelszo csere| jelszo megvaltoztat| jelszo visszaallit| uj jelszo megad\
    | schimba parola| schimbare parola| modifica parola| resetare parola| reseteaza parola\
    | aterstall losenord| nulstil adgangskode| skift kodeord| aendr adgangskode\
    | tilbakestill passord| palauta salasana| скинути пароль| відновлення пароля| сброс пароля\
    | сбросить пароль| восстановление пароля| επαναφορα κωδικου| αλλαγη συνθηματικου\
    | atur ulang kata sandi| reset kata sandi| khoi phuc mat khau|เปลียนรหัสผาน|รีเซตรหัสผาน\
    |ตังรหัสผานใหม| איפוס סיסמה| החלפת סיסמה| שנה סיסמה|اعادة تعيين كلمة|بازيابي رمز\
    |تغيير گذرواژه|पासवरड बदल|पासवरड रीसेट|পাসওযারড পরিবরতন|পাসওযারড রিসেট|পাসওযারড বদল\
    | canvia la contrasenya| canviar la contrasenya";

/// What a link beside a password box says to those who forgot.
pub(crate) const FORGOT: &str = "\
    | forgot| lost password| lost your password| lost my password| lostpassword| can t log in\
    | can t sign in| can t access| cant login| cannot log in| trouble signing| trouble logging\
    | problems logging| problems signing| having trouble| recover| retrieve password\
    | need help signing| don t remember| dont remember| reset password| reset your password\
    | vergessen| vergeten| oublie| olvid| recordar contrasena| no recuerdas| recuperar| esquec\
    | esqueci| dimenticat| recupera| ai uitat| uitat parola| glomt| glemt| unohd| unohtu\
    | zapomnia| nie pamietasz| nie pamietam| zapomen| zapomn| zabudnut| zabudli| elfelejt| unuttu\
    | забыл| восстанов| не помню| забул| відновити| ξεχασ|忘れ|お忘れ|忘记|忘記|找回密码|找回|비밀번호 찾기|비밀번호 재설정\
    |잊으|찾기|نسيت|هل نسيت|فراموش| שכח| lupa| quen mat khau|ลืม|भूल\
    |ভুলে গে|ভুলে গিযে\
    | oblidat la| oblidat el";

/// What a check box beside a password box says to those who come again.
pub(crate) const REMEMBER: &str = "\
    | remember| keep me| stay signed| stay logged| keep signed| keep logged| rememberme\
    | auto login| autologin| persistent| save my | trust this| automatically log\
    | angemeldet bleiben| eingeloggt bleiben| eingeloggt| merken| dauerhaft| automatisch anmelden\
    | onthoud| ingelogd blijven| aangemeld blijven| se souvenir| souvenir de moi| rester connecte\
    | memoriser| recordar| recuerdame| mantener| no cerrar sesion| lembrar| manter | mantenha\
    | continuar conectado| ricordami| ricorda| resta collegato| rimani conness| tine minte\
    | tine ma minte| kom ihag| hall mig inloggad| husk | forbliv logget| muista| pida minut\
    | zapamietaj| pamietaj| nie wylogowuj| zustat prihlasen| zapamatovat| trvale prihlasen\
    | neodhlasovat| trvale| zostat prihlasen| maradjak| emlekezz| beni hatirla| hatirla| запомн\
    | не выходить| запам| оставаться| να με θυμασαι| θυμασαι|ログイン状態|保持|記憶|次回から|记住|記住|自动登录|自動登入\
    |保持登录|로그인 상태|자동로그인|자동 로그인|아이디 저장|저장|تذكرني|مرا به خاطر|به خاطر| זכור| ingat saya| ghi nho\
    |จดจำ\
    | hall mig| pysy kirjautuneena| ramai conectat|זכור אותי|השאר אותי|البقاء متصل|จำฉัน|याद रख\
    |মনে রাখ";

/// Repeat of a new password.
pub(crate) const REPEAT: &str = "\
    |confirm|repeat|retype| re type|reenter| re enter| verify| again|re password|repassword\
    | password 2|password2| passwd 2|passwd2| pass 2|pass2| pwd 2|pwd2|cpassword| password check\
    |passwordcheck| retyp| rpassword| re pass|repass| verif| once more| second password| matching\
    |wiederhol|bestatig|bestaetig| erneut| nochmal|herhaal|herhalen|bevestig| opnieuw|repeter\
    |repetez|confirmez| a nouveau| repeti|repetir|repita|repite|repeta| de nuevo| nuevamente\
    | novamente| ripeti|conferma| di nuovo| upprepa|bekraft| igen| gentag|bekraeft| gjenta\
    |bekreft| vahvista| uudelleen|powtorz|potwierdz| ponownie| znovu|potvrd|potvrz|zopakuj| znova\
    |megerosit| ujra| ismet| tekrar| onayla| dogrula| yeniden| повтор| подтверд| еще раз\
    | підтверд| ще раз| επιβεβαιω| επαναληψ| ξανα|確認|もう一度|再入力|再度|确认|確認密碼|再次|重复|重複|확인|재입력|다시|تاكيد\
    |اعادة|اعد |مجددا|تكرار|تاييد| אימות סיסמה| אשר| שוב| חזור על| konfirmasi| ulangi| xac nhan\
    | nhap lai|ยืนยัน\
    | toista | toistamiseen| dar o data|อีกครัง|הקלד שנית|אימות הסיסמה|اعد كتابة|दोबारा|पुषटि\
    |फिर से दरज|पुनः|নিশচিত কর|পুনরায|আবার লিখ\
    |repeteix";

/// A password that is to be made.
pub(crate) const NEW_PASSWORD: &str = "\
    |new password|new pass|newpass|newpw| new pw|newpwd| new pwd|passwordnew|password new|passnew\
    |new secret| create password| create a password| create a strong| create your password\
    | choose password| choose a password| choose your password| set password| set a password\
    | set your password| pick a password| make up a password| desired password| create passphrase\
    | choose a passphrase| registerpassword|register password|signup password|reg password\
    |regpass| reg passwd| regpw| neues passwort| neues kennwort| passwort wahlen\
    | passwort erstellen| passwort festlegen| nieuw wachtwoord| kies een wachtwoord\
    | maak een wachtwoord| nouveau mot de passe| choisissez | choisir un mot| creer un mot\
    | creez un mot| creez votre mot| definir un mot| nueva contrasena| contrasena nueva\
    | nueva clave| crea una contrasena| crear contrasena| crear una contrasena\
    | elige una contrasena| nova senha| nova palavra| crie uma senha| criar senha\
    | criar uma senha| escolha uma senha| nuova password| scegli una password| crea una password\
    | crea password| parola noua| nytt losenord| valj losenord| valj ett losenord| ny adgangskode\
    | nyt kodeord| vaelg adgangskode| nytt passord| velg passord| uusi salasana| luo salasana\
    | nowe haslo| utworz haslo| ustaw haslo| nove heslo| zvolte heslo| uj jelszo| yeni sifre\
    | yeni parola| sifre olustur| sifre belirle| новыи пароль| придумаите| создаите пароль\
    | создать пароль| новии пароль| придумаите пароль| νεοσ κωδικοσ|新しいパスワード|新パスワード|新密码|新密碼|设置密码\
    |設定密碼|设定密码|새 비밀번호|새비밀번호|신규 비밀번호|كلمة المرور الجديدة|كلمة مرور جديدة|رمز عبور جديد| סיסמה חדשה\
    | kata sandi baru| password baru| buat kata sandi| buat password| mat khau moi\
    | valitse salasana| valitse uusi| vytvorte heslo| vytvorit heslo| stworz haslo\
    | wybierz haslo| alege o parola| noua parola| seteaza parola| valassz jelszot| uj jelszava\
    | kies een nieuw| opret adgangskode| opret en adgangskode| lag et passord\
    | skapa ett losenord| створіть пароль| νεο κωδικο| νεου κωδικου| νεο συνθηματικο\
    | tao mat khau| dat mat khau|รหัสผานใหม|ตังรหัสผาน|สรางรหัสผาน| צור סיסמה| בחר סיסמה\
    |گذرواژه جديد|رمز جديد|انتخاب رمز|नया पासवरड|नए पासवरड|पासवरड बनाए|নতুন পাসওযারড\
    | contrasenya nova| nova contrasenya";

/// A rule that only a password to be made has to keep.
pub(crate) const LENGTH_RULE: &str = "\
    | at least | minimum | min | or more characters| characters or more| or more| 6 20 | 8 20 \
    | 6 16 | 8 16 | 6 12 | 6 18 | mindestens | minimaal | tenminste | au moins | al menos \
    | minimo | pelo menos | almeno | cel putin | minst | mindst | vahintaan | co najmniej \
    | alespon | legalabb | en az | не менее | минимум | τουλαχιστον |文字以上|位以上|자 이상|자리 이상\
    |علي الاقل|حداقل| לפחות | minimal | it nhat ";

/// The password in use, beside a new one.
pub(crate) const CURRENT_PASSWORD: &str = "\
    | current | old |current pass|currentpass|current pw|currentpw| current pwd| currentpwd\
    |old pass|oldpass| old pw|oldpw|oldpwd| old pwd|passwordold|password old|passwordcurrent\
    |password current| existing pass| present pass| previous pass| your current| curpass\
    | cur pass| orig pass| original pass| temporary pass| passwordcur| aktuelles | altes \
    | derzeitiges | bisheriges | huidig| oude wachtwoord| oud wachtwoord| ancien mot\
    | mot de passe actuel| contrasena actual| contrasena anterior| clave actual\
    | actual contrasena| senha atual| senha antiga| palavra passe atual| password attuale\
    | vecchia password| parola actuala| parola veche| nuvarande | gammalt losenord| nuvaerende \
    | gammel adgangskode| gammelt | navaerende | nykyinen | vanha salasana| obecne haslo\
    | aktualne haslo| stare haslo| stavajici | soucasne heslo| stare heslo| sucasne heslo\
    | jelenlegi | regi jelszo| mevcut | eski sifre| simdiki | текущии пароль| старыи пароль\
    | деиствующии| поточнии| старии пароль| нинішніи| τρεχων| παλιοσ|現在のパスワード|旧パスワード|当前密码|原密码|旧密码\
    |現在密碼|目前密碼|原密碼|舊密碼|现密码|현재 비밀번호|기존 비밀번호|كلمة المرور الحالية|كلمة المرور القديمة|رمز عبور فعلي\
    |رمز فعلي| סיסמה נוכחית| סיסמה ישנה| kata sandi saat ini| kata sandi lama| password lama\
    | mat khau hien tai| mat khau cu \
    | nykyinen salasana| puvodni heslo| dotychczasowe haslo| poprzednie haslo| parola existenta\
    | parola curenta| jelenlegi jelszo| eddigi jelszo| navaerende passord| gammelt passord\
    | gammelt kodeord| nuvarande losenord| υπαρχων κωδικοσ| τρεχοντα κωδικο| παλιο κωδικο\
    |รหัสผานปัจจุบัน|รหัสผานเดิม|รหัสผานเกา|הסיסמה הנוכחית|הסיסמה הישנה|گذرواژه فعلي\
    |رمز عبور كنوني|رمز عبور قبلي|گذرواژه قبلي|वरतमान पासवरड|मौजूदा पासवरड|पुराना पासवरड\
    |বরতমান পাসওযারড|পুরানো পাসওযারড|পুরনো পাসওযারড\
    | contrasenya actual";

/// A password.
pub(crate) const PASSWORD: &str = "\
    |password|passwd| pass |pwd| passcode| passphrase|passwort|kennwort|wachtwoord|mot de passe\
    |motdepasse| mdp|contrasena| clave|senha|palavra passe|parola|losenord|adgangskode|kodeord\
    |passord|salasana|haslo|heslo|jelszo|sifre|пароль|κωδικοσ|パスワード|暗証番号|密码|密碼|口令|비밀번호\
    |كلمة المرور|كلمة السر|كلمه المرور|رمز عبور|סיסמ|kata sandi|mat khau|รหัสผาน|पासवरड\
    |συνθηματικο|κωδικου προσβασησ|κωδικο προσβασησ|گذرواژه|كلمه عبور|رمز ورود|lozink|geslo\
    |slaptazod|salasona|পাসওযারড|कूटशबद|கடவுசசொல|పాసవరడ\
    |contrasenya";

/// The name one logs in with.
pub(crate) const USERNAME: &str = "\
    |username|user name| user | userid| user id| usr| uname| login|loginname| logon|accountname\
    | account name| account | accountid| account id| screen name|screenname| nickname| nick \
    | member id| memberid| member number| membership number| customer number| customer id\
    | customerid| client number| client id| user code| usercode| uid | id | log | handle \
    | access id| net id| netid| student id| employee id| online id| identity| identifier\
    | credential| access code| card number barcode| library card|signin| user email| useremail\
    |benutzer|nutzername|anmeldename| kennung|kundennummer|zugangsnummer|gebruiker|klantnummer\
    |identifiant|nom d utilisateur| pseudo|usuario|utilizador|utilisateur| nome utente\
    | nome de usuario| codice utente| utente|nume utilizator| utilizator| documento| cpf| rut \
    | dni |anvandar|brugernavn|brukernavn|kayttajat|kayttajan|uzytkownik| nazwa |uzivatel\
    |felhasznalo|kullanici| имя пользователя|пользовател|логин|користувач|логін|ονομα χρηστη\
    |χρηστη|ユーザー|ユーザ名|ログインid|会員番号|会員id|お客様番号|お客さま番号|契約番号|契約者番号|顧客番号|加入者番号|用户|用戶|使用者|帐号|账号|帳號|账户|帐户|会员|學號|学号|아이디|사용자|계정|회원번호\
    |المستخدم|نام كاربري|שם משתמש|משתמש|pengguna|ten dang nhap|ten nguoi dung|tai khoan|ชือผูใช\
    |उपयोगकरता\
    | korisnic| uporabnis| kasutaja| vartotoj| lietotaj|شناسه كاربري|اسم مستخدم|ชือบัญชี\
    |บัญชีผูใช|यूजर|বযবহারকারী|ইউজার|பயனர|వినియోగదారు\
    | nom d usuari| usuari ";

/// A name or address that takes the place of the one in use.
pub(crate) const NEW_NAME: &str = "\
    | new email| new e mail|newemail| new username| new user name|newusername| new login\
    | new name| change email| neue e mail| neuer benutzer| nieuw e mail| nouvel e mail\
    | nouvelle adresse| nouvel identifiant| nuevo correo| nuevo usuario| novo email| novo e mail\
    | nuova email| nuovo indirizzo| nowy adres| nowy e mail| новыи email| новыи e mail\
    | новыи логин| novy e mail| yeni e posta|新しいメール|新邮箱|新郵箱|새 이메일";

/// An e-mail address.
pub(crate) const EMAIL: &str = "\
    |email|e mail| mail|courriel| mel |correo|posta elettronica| eposta| e posta| epost|sahkoposti\
    |почт|пошт|メール|邮箱|郵箱|邮件|電子郵件|電郵|信箱|이메일|메일|البريد|ايميل|אימייל|דואר|דוא|surel|อีเมล|ईमेल\
    |ηλεκτρονικο ταχυδρομειο|ηλεκτρονικη διευθυνση|ηλεκτρονικου ταχ|thu dien tu|ई मेल|ইমেইল|ইমেল\
    |ই মেইল|மினனஞசல|ఈమెయిల\
    |correu";

/// A telephone number: what one logs in with at some sites, and part of a sign-up at others.
pub(crate) const PHONE: &str = "\
    |phone|mobile| tel |handy|telefon|telephon|telefoon|celular| movil|cellulare|puhelin\
    |telefonszam| cep tel| cep no|телефон|携帯|電話|手机|手機|电话|휴대|전화|الهاتف|الجوال|موبايل|همراه|טלפון|נייד| hp \
    |ponsel|dien thoai|โทรศัพท\
    |फोन|मोबाइल|ফোন|মোবাইল|เบอรโทร|τηλεφων|κινητο| sdt ";

/// A code that is good once.
pub(crate) const ONE_TIME_CODE: &str = "\
    |one time|onetime| otp|otp |verification code|verificationcode|verify code\
    |authentication code|authenticator|auth code|authcode| 2fa| mfa|two factor|twofactor|two step\
    | totp| 6 digit|six digit|confirmation code| sms code|smscode| tan |einmal|bestatigungscode\
    |verifizierungscode|verificatiecode|code de verification|code a usage unique\
    |codigo de verificacion|codigo de verificacao|codice di verifica|cod de verificare\
    |verifieringskod|engangskode|bekreftelseskode|bekraeftelseskode|vahvistuskoodi\
    |kod weryfikacyjny|kod jednorazowy|overovaci kod\
    |ellenorzo kod|dogrulama kodu|onay kodu|код подтвержд|код из sms|код из смс|проверочныи код\
    |код підтвердж|確認コード|認証コード|ワンタイム|短信验证码|动态密码|动态码|簡訊驗證碼|手机验证码|动态口令|인증번호|인증코드|رمز التحقق\
    |كود تاييد|קוד אימות|קוד חד פעמי|kode verifikasi|kode otp|ma xac thuc|ma xac minh|ma otp\
    |κωδικοσ επαληθευσησ|κωδικο επαληθευσησ|كد تاييد|كد يكبار|رمز موقت| jednorazovy kod\
    |kertakayttokoodi|cod unic|cod de unica|รหัสยืนยัน|รหัส otp|ओटीपी|सतयापन कोड|ওটিপি\
    |যাচাইকরণ কোড";

/// A password that is good once, and so a code.
pub(crate) const ONE_TIME_PASSWORD: &str = "\
    | one time pass| onetime pass| single use pass| temporary code| otp password|einmalpasswort\
    |einmalkennwort|eenmalig wachtwoord|mot de passe a usage unique|mot de passe unique\
    |contrasena de un solo uso|clave de un solo uso|senha de uso unico|senha descartavel\
    |password monouso|password usa e getta|parola de unica folosinta|engangslosenord\
    |engangsadgangskode|engangskodeord|engangspassord|kertakayttosalasana|haslo jednorazowe\
    |jednorazowe haslo|jednorazove heslo|egyszer hasznalatos jelszo|tek kullanimlik|одноразов\
    |κωδικοσ μιασ χρησησ|ワンタイムパスワード|一次性密码|一次性密碼|动态密码|動態密碼|일회용 비밀번호|일회용 비번\
    |كلمة مرور لمرة واحدة|رمز يكبار مصرف| סיסמה חד פעמית| kata sandi sekali pakai| mat khau mot lan\
    |รหัสผานครังเดียว|वन टाइम पासवरड";

/// A code that is good once at some sites, and a PIN or a card's code at others.
pub(crate) const ANY_CODE: &str = "\
    |security code| digit 1 of| digit of your code| your code | pin code| login code| access token\
    |sicherheitscode|beveiligingscode|code de securite|codigo de seguridad|codigo de seguranca\
    |codice di sicurezza|sakerhetskod|turvakoodi";

/// A box for one digit of a code.
pub(crate) const DIGIT: &str = "\
    | digit | digit1| digit2| digits | character | ziffer| stelle | cijfer| chiffre | digito|cifra\
    | siffra| siffer| ciffer| cyfra| cislice| szamjegy| basamak|цифра|ψηφιο|桁目|文字目|位数字\
    |번째 자리|الرقم| ספרה| chu so |หลัก|अंक";

/// How a code came: pictures of signs come in no message.
pub(crate) const SENT: &str = "\
    | sms|text message| texted| emailed|短信|简讯|簡訊|手机验证码|手機驗證碼|邮箱验证码|郵箱驗證碼|动态密码|动态码";

/// Proof that one is no machine: looks like a code and is none.
pub(crate) const CAPTCHA: &str = "\
    |captcha| vcode|verifycode| verify code|checkcode| check code|validatecode|validcode| seccode\
    |imgcode| img code|security image|characters you see|characters shown|picture| image text\
    |symbols|turing| puzzle|код с картинки|картинк|验证码|驗證碼|校验码|画像|보안문자|자동입력|כتابة الرمز";

/// A search box.
pub(crate) const SEARCH: &str = "\
    |search| query| q | keyword| suche| suchbegriff| recherche| buscar| busca| busqueda| pesquis\
    | cerca| ricerca| zoek| szukaj| поиск| искать| пошук| hledat| hledan| ara | arama| sok | sog \
    | soeg| haku| etsi | kereses| cauta| αναζητηση|検索|搜索|搜尋|검색| بحث|جستجو| חיפוש| cari | tim kiem\
    |คนหา\
    |खोज|অনুসনধান|খুঁজুন";

/// Mail that comes again and again.
pub(crate) const NEWSLETTER: &str = "\
    |newsletter|subscri| mailing list| abonnieren| abonner| abonnez| abonneren| nieuwsbrief\
    | suscrib| boletin| assine| assinar| nyhetsbrev| nyhedsbrev| uutiskirje| zapisz| odber\
    | hirlevel| bulten| abone| рассыл| подпис| розсил| підпис|メルマガ|订阅|訂閱|電子報|구독|النشرة| ניוזלטר\
    | berlangganan| deals| offers| stay in touch| stay up to date| updates| notify me\
    | zpravodaj| feliratkoz| tilaa | prenumerera| nyheder pa| ban tin| nhan tin|จดหมายขาว\
    |สมัครรับ|ενημερωτικο δελτιο|ενημερωτικα|購読|メールマガジン|뉴스레터|מנוי|הרשמה לעדכונים|نشرة|خبرنامه\
    |नयूजलेटर|समाचार पतर|सदसयता लें|নিউজলেটার|সাবসকরাইব|গরাহক হোন\
    |butlleti";

/// What one agrees to when one signs up.
pub(crate) const TERMS: &str = "\
    | terms| i agree| agree | i accept| accept | privacy| tos | gdpr| over 18| 18 years| 13 years\
    | marketing| newsletter| offers| promotion| agb| datenschutz| nutzungsbedingungen\
    | einverstanden| zustimm| voorwaarden| akkoord| j accepte| conditions | acepto| terminos\
    | aceito| termos| concordo| accetto| termini| acconsento| sunt de acord| villkor| godkann\
    | betingelser| vilkar| ehdot| hyvaksy| regulamin| akceptuj| zgod| souhlas| podmin| elfogadom\
    | kabul| sartlar| sozlesme| okudum| соглас| услови| погодж| умов| ορουσ| αποδεχομαι|利用規約|同意\
    |规约|条款|條款|协议|隱私|약관|동의|개인정보|الشروط|اوافق|قوانين| תנאי| מסכים| setuju| dong y| dieu khoan\
    |ยอมรับ|ขอกำหนด|เงือนไข|नियम|शरत|सहमत|শরত|সমমত|গোপনীযতা";

/// Who one is: asked when one signs up or buys, never when one logs in.
pub(crate) const PERSONAL: &str = "\
    |first name|firstname| fname|last name|lastname| lname|surname|full name|fullname| your name\
    | given name| family name|realname| real name| display name|displayname| middle| birth| dob\
    |birthday| gender| sex | address| street| city| zip|postal|postcode| country| state \
    | province| company| organi| job | title | age | school| invitation| invite| referral| promo\
    | coupon| how did you hear|vorname|nachname| geburt| strasse| plz| land | anrede|voornaam\
    |achternaam| geboorte|postkode|woonplaats|prenom| nom | naissance| adresse| ville\
    | code postal| civilite| nombre | apellido| nacimiento| direccion| ciudad| pais| nome \
    | sobrenome| nascimento| endereco| cidade| cognome| nascita| indirizzo| prenume| nume \
    |fornamn|efternamn| fodelse| fornavn| efternavn| etternavn| fodsel| etunimi| sukunimi\
    | syntyma| imie| nazwisko| urodzenia| jmeno | prijmeni| narozeni| priezvisko| vezeteknev\
    | keresztnev| szuletes| adiniz| soyad| dogum| ad | имя | фамилия| отчество| рождени| город\
    | ім я | прізвище| народження| ονομα | επωνυμο|お名前|氏名|フリガナ|生年月日|性別|住所|郵便番号|ニックネーム|姓名|真实姓名|昵称\
    |生日|性别|地址|邀请码|推荐|이름|성명|생년월일|성별|주소|닉네임|الاسم الاول|الاسم الاخير|الاسم الكامل|اسم العائلة| نام \
    |نام خانوادگي| שם פרטי| שם משפחה| nama lengkap| nama depan| ho ten| ho va ten\
    |ชือจริง|นามสกุล|วันเกิด|पहला नाम|उपनाम|पूरा नाम|जनम|পুরো নাম|নামের শেষ|জনম|ঠিকানা";

/// Numbers that are no password although they may be hidden: cards, national identities.
pub(crate) const OTHER_SECRET: &str = "\
    | cvv| cvc| csc | cvn|card number|cardnumber|card verification| kartennummer| ssn\
    |social security| expir| iban| api key| apikey| secret key| secret question\
    | security question| security answer| secret answer| token | wifi| wi fi| smtp| ftp\
    | ssid | wpa | wpa2 | wpa3 | wep | psk | preshared| pre shared| network key| wireless key\
    | wlan| netzwerkschlussel| cle wifi| cle reseau| clave wifi| chiave wifi|无线密码|無線密碼\
    | mother s maiden| routing number| gift card| giftcard| credit card| creditcard| last 4\
    | last four| license key| access key| 安全码| sort code";

/// What a shop says to those who buy without an account.
pub(crate) const GUEST: &str = "\
    | as guest| as a guest| guest checkout| guest customer| guest order|checkout guest| als gast\
    | gastbestellung| gastkonto| als gast bestellen| en tant qu invite| commande invite\
    | como invitado| compra invitado| como convidado| come ospite| som gast| som gjest\
    | jako gosc| vendegkent| misafir olarak| uyeliksiz| как гость|без регистрации\
    |як гість| ωσ επισκεπτησ|ゲスト|会員登録せず|游客|訪客|비회원|كضيف| כאורח| sebagai tamu| khach vang lai";

/// What a button that only goes on says.
pub(crate) const NEXT: &str = "\
    | next| continue| proceed| weiter| volgende| verder| suivant| continuer| siguiente| continuar\
    | proximo| seguinte| avancar| avanti| continua| prosegui| urmatorul| nasta| fortsatt| naeste\
    | fortsaet| neste| seuraava| jatka| dalej| dalsi| pokracovat| tovabb| ileri| devam| далее\
    | продолж| далі| продовж| επομενο| συνεχεια|次へ|続ける|続行|下一步|继续|繼續|다음|계속|التالي|متابعة|ادامه\
    | הבא| המשך| lanjut| berikutnya| tiep|ถัดไป\
    |ดำเนินการตอ|ตอไป|आगे बढ|जारी रख|अगला|পরবরতী|চালিযে যান|এগিযে যান";

/// What a button says that keeps what was changed.
pub(crate) const SAVE: &str = "\
    | save| update| apply | confirm| change| modify| speichern| andern| aktualisier| opslaan\
    | wijzig| enregistrer| modifier| valider| guardar| actualizar| cambiar| salvar| alterar\
    | atualizar| salva | modifica| aggiorna| salveaza| spara| gem | lagre| tallenna| zapisz| zmien\
    | ulozit| zmenit| mentes| kaydet| guncelle| degistir| сохран| измен| обнов| зберег| змінити\
    | αποθηκ|保存|変更する|更新|修改|储存|儲存|저장|변경|حفظ|ذخيره| שמור| simpan| ubah| luu| cap nhat|บันทึก\
    |सहेज|সংরকষণ| tallentaa";

/// Words about a password that stand where none is typed.
pub(crate) const HINT: &str = "\
    | hint| question| reminder| answer| sec answer| generator| passwordhint| password hint| frage | indice\
    | pregunta| pista | pergunta| dica | domanda| подсказ| вопрос|ヒント|提示|问题|問題|질문|힌트";

/// What tells how strong a password is, beside it.
pub(crate) const STRENGTH: &str = "|strength| starke | sicherheit des| robustesse| fortaleza| forca da| sila hasla|强度|強度|강도";

/// Names of fields that only programs fill: a trap for them.
pub(crate) const BAIT: &str = "\
    |honeypot|honey pot| hpot| hp |bot field|botfield|antispam|anti spam|spam check|leave blank\
    |leave this|leave empty|do not fill|don t fill|not fill| trap | robot| gotcha| website url\
    | ak hp |fakepass|fakeuser|fakeemail| fake |dummypass|dummyuser| dummy |prevent autofill\
    |preventautofill|autofill prevent|disable autofill|no autofill| prevent |nicht ausfullen|frei lassen|ne pas remplir|no rellenar|nao preencha";
