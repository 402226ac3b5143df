//! What sites call the parts of cards and identities, written as [`crate::words`] are.

/// A number of a payment card.
pub(crate) const CARD_NUMBER: &str = "\
    |card number|cardnumber| card no | cardno| cardnum| card num| ccnumber| cc number| ccnum\
    | cc num| ccno | cc no |creditcardnumber|credit card number|debit card number| pan \
    |kartennummer|kreditkartennummer|kaartnummer|creditcardnummer|numero de carte\
    |numero de la carte| carte bancaire|numero de tarjeta|numero de la tarjeta|tarjeta numero\
    |numero do cartao| cartao numero|numero carta|numero della carta|numar card|numarul cardului\
    |kortnummer|kortin numero|numer karty|cislo karty|kartyaszam|kart numarasi| kart no \
    |номер карты|номер картки|αριθμοσ καρτασ|カード番号|卡号|卡號|信用卡号|信用卡號|카드번호|카드 번호|رقم البطاقة\
    |شماره كارت|מספר כרטיס|nomor kartu|so the |หมายเลขบัตร";

/// The name on a payment card.
pub(crate) const CARD_HOLDER: &str = "\
    |cardholder|card holder|name on card|nameoncard|name on the card| ccname| cc name| card name\
    |cardname|card owner|cardowner| holder name|karteninhaber|kaarthouder|titulaire|nom sur la carte\
    | titular|nombre en la tarjeta|nome no cartao|nome impresso|titolare|intestatario|nome sulla carta\
    |titularul cardului|kortinnehavare|kortholder|kortin haltija|wlasciciel karty|posiadacz karty\
    |drzitel karty|majitel karty|kartyabirtokos|kart sahibi| kart uzerindeki\
    |владелец карты|держатель карты|имя на карте|имя владельца|власник картки|κατοχοσ καρτασ|カード名義|名義人\
    |持卡人|카드 소유자|카드소유자|حامل البطاقة|صاحب البطاقة|בעל הכרטיס|שם על הכרטיס|pemegang kartu|chu the ";

/// When a payment card ends.
pub(crate) const CARD_EXPIRY: &str = "\
    | expir| exp date|expdate| exp mo| exp yr| exp yea| ccexp| cc exp| card exp|cardexp| valid thru\
    | valid until| valid through| mm yy| mm aa| mm jj| mm aaaa| mm rr | mm гг|gultig bis|gultigkeit\
    |ablaufdatum|verfall|vervaldatum|geldig tot| verloop|date d expiration|validite|fin de validite\
    |vencimiento|caducidad|fecha de exp|validade|vencimento|data de exp|scadenza|data expirarii\
    |giltig till|utgangsdatum|udlobsdato|utlop|voimassa|data waznosci|wazna do|waznosc|platnost\
    |lejarat| son kullanma|срок деиствия|деиствительна до|термін діі|ημερομηνια ληξησ|有効期限|有效期|到期日\
    |유효기간|만료|تاريخ الانتهاء|انتهاء|انقضا|תוקף|berlaku|masa berlaku|ngay het han|วันหมดอายุ";

/// The code on a payment card.
pub(crate) const CARD_CODE: &str = "\
    | cvv|cvv2| cvc|cvc2| csc | cvn| cid |card code|cardcode|card security|security code|securitycode\
    |card verification|cardverification| verification value|kartenprufnummer|prufziffer|prufnummer\
    |sicherheitscode|beveiligingscode|cryptogramme|code de securite|codigo de seguridad\
    |codigo de seguranca|codice di sicurezza|cod de securitate|sakerhetskod|sikkerhedskode\
    |sikkerhetskode|turvakoodi|kod zabezpiecz|kod bezpieczenst|bezpecnostni kod|biztonsagi kod\
    |guvenlik kodu|код безопасности|код проверки|код безпеки|κωδικοσ ασφαλειασ|セキュリティコード|安全码|安全碼\
    |보안코드|보안 코드|رمز الامان|رمز التحقق من البطاقة|קוד אבטחה|kode keamanan|ma bao mat";

/// Anything about a payment card.
pub(crate) const CARD: &str = "\
    |credit card|creditcard|debit card|debitcard|payment card| cc |card details|cardholder\
    |kreditkarte|creditcard|carte de credit|carte bancaire|tarjeta|cartao|carta di credito|kreditkort\
    |luottokortti|karta kredyt|karty|bankkartya|kredi karti|банковск|карты|カード|信用卡|银行卡|신용카드|بطاقة\
    |כרטיס אשראי|kartu kredit| the tin dung|บัตรเครดิต";

/// A month.
pub(crate) const MONTH: &str = "\
    |month| mm | mon | mo |monat|maand|mois| mes | mese | luna |manad|maned|kuukausi|miesiac|mesic\
    |mesiac|honap| ay |месяц|місяць| μηνασ|月| 월|الشهر|ماه|חודש|bulan|thang ";

/// A year.
pub(crate) const YEAR: &str = "\
    |year| yy | yyyy | yr |jahr|jaar|annee| ano | anno | an | ar | aar |vuosi| rok | ev | yil | год\
    | рік| ετοσ|年| 년|السنة|سال|שנה|tahun| nam ";

/// A given name.
pub(crate) const GIVEN_NAME: &str = "\
    |first name|firstname| fname|given name|givenname|forename|vorname|voornaam|prenom|primer nombre\
    | nombre | nombres |primeiro nome|prenume|fornamn|fornavn|etunimi| imie |jmeno |krestni\
    |keresztnev| adiniz | имя |ім я |ονομα |名 | 名|이름|الاسم الاول|نام كوچك|שם פרטי|nama depan| ten ";

/// A family name.
pub(crate) const FAMILY_NAME: &str = "\
    |last name|lastname| lname|surname|family name|familyname|second name|nachname|familienname\
    |achternaam|nom de famille|apellido|sobrenome|ultimo nome|cognome|nume de familie|efternamn\
    |efternavn|etternavn|sukunimi|nazwisko|prijmeni|priezvisko|vezeteknev|soyad|фамилия|прізвище\
    |επωνυμο|姓 | 姓|성 |اسم العائلة|الاسم الاخير|نام خانوادگي|שם משפחה|nama belakang| ho ";

/// A whole name.
pub(crate) const FULL_NAME: &str = "\
    |full name|fullname|your name|yourname| name |realname|real name|vollstandiger name\
    | naam |nom complet| nom |nombre completo|nombre y apellidos|nome completo| nome \
    |nome e cognome|nume complet| namn |fullt navn| navn | nimi |imie i nazwisko|cele jmeno\
    |jmeno a prijmeni|teljes nev| nev |ad soyad|adi soyadi|фио|полное имя|ф и о|ονοματεπωνυμο|お名前|氏名|姓名\
    |真实姓名|성명|الاسم الكامل|الاسم|نام و نام خانوادگي|שם מלא|nama lengkap|ho va ten|ho ten|ชือ นามสกุล";

/// A company.
pub(crate) const ORGANIZATION: &str = "\
    |company|organization|organisation|organi z|business name| firma|unternehmen|bedrijf|entreprise\
    |societe|empresa|azienda|ragione sociale|companie|foretag|virksomhed|bedrift|yritys|spolocnost\
    |spolecnost| ceg |sirket|компания|организация|компанія|εταιρεια|会社|公司|회사|الشركة|شركت|חברה\
    |perusahaan|cong ty|บริษัท";

/// A street with its number.
pub(crate) const STREET: &str = "\
    |address|street| addr |addr1|strasse|hausnummer|straat|adresse|rue |direccion|calle|domicilio\
    |endereco| rua |indirizzo| via |adresa|strada|adress|gatuadress| gade | katuosoite|osoite|ulica\
    |adres |ulice|utca| cim | adres|adresiniz|улица|адрес|вулиця|διευθυνση|住所|番地|地址|街道|주소|العنوان|الشارع|ادرس\
    |נשאני|כתובת|רחוב|alamat| jalan|dia chi|ทีอยู";

/// What stands below the street.
pub(crate) const STREET_LINE_2: &str = "\
    |address 2|address2|address line 2|addressline2| addr2| addr 2|address 3|address3| line2| line 2\
    |street 2|street2|apartment| apt | apt |suite| unit |building|floor|adresszusatz|toevoeging\
    |complement|appartement|departamento|apartamento|interno|scala|lagenhet|lokal|bytu|daire|kat no\
    |квартир|корпус|建物|マンション|号室|上세주소|상세주소|الشقة|דירה";

/// A town.
pub(crate) const CITY: &str = "\
    | city| town|locality|suburb| ort | stadt|wohnort|plaats|woonplaats|ville|ciudad|poblacion\
    |localidad|municipio|cidade|citta|comune|localitate| oras|postort|stad | by | sted |kaupunki\
    |paikkakunta|miasto|miejscowosc|mesto|obec |varos|sehir| il | ilce|город|населен|місто|πολη|市区町村|市町村\
    |城市|市 |도시|المدينة|شهر |עיר |kota |thanh pho|จังหวัด";

/// A part of a country.
pub(crate) const REGION: &str = "\
    | state|province|region|county|prefecture|bundesland|kanton|provincie|departement|provincia\
    |estado|comunidad autonoma|regiao|regione|judet| lan |fylke|maakunta|wojewodztwo| kraj |okres\
    |megye|область|регион|краи |область|νομοσ|都道府県|省份|省 |州 |지역|시도|المنطقة|المحافظة|استان|מחוז|provinsi\
    | tinh ";

/// A code of the post.
pub(crate) const POSTAL_CODE: &str = "\
    |postal|postcode|post code| zip|zipcode|postleitzahl| plz |postkode|code postal|codigo postal\
    | cep |codice postale| cap |cod postal|postnummer|postnr|postinumero|kod pocztowy| psc |iranyitoszam\
    |posta kodu|почтовыи индекс|индекс|індекс|ταχυδρομικοσ| τκ |郵便番号|邮编|邮政编码|郵遞區號|우편번호|الرمز البريدي\
    |كد پستي|מיקוד|kode pos|ma buu dien|รหัสไปรษณีย";

/// A country.
pub(crate) const COUNTRY: &str = "\
    |country|nation| land |pays |pais |paese|tara |maa |kraj |zeme|krajina|orszag|ulke|страна|краіна\
    |χωρα|国 |国家|國家|국가|나라|البلد|الدولة|كشور|מדינה|ארץ|negara|quoc gia|ประเทศ";
