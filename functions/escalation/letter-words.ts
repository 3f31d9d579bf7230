/** What is said of one trouble of a line; texts hold `{placeholders}`. */
interface Trouble {
  readonly subject: string;
  readonly happened: string;
  /** What becomes of messages meanwhile. */
  readonly waits: string;
  readonly steps: readonly string[];
}

/** The letters in one language. The names in WhatsApp's own menu stand in English too where a phone may show them so. */
export interface LetterWords {
  hello(name?: string): string;
  readonly means: string;
  /** Where something is known to be told only for so long. */
  readonly soonest: string;
  readonly todo: string;
  readonly unlinked: Trouble;
  readonly banned: Trouble;
  readonly ask: string;
  /** It looks like what swindlers write: what no one ever needs. */
  readonly never: string;
}

const en: LetterWords = {
  hello: (name) => (name === undefined ? 'Hello,' : `Hello ${name},`),
  means: 'What this means',
  soonest: 'The first messages come too late after: {usefulFor}.',
  todo: 'What to do',
  unlinked: {
    subject: '{client}: the WhatsApp line must be linked again',
    happened:
      'the WhatsApp line of {client} ({line}) has been disconnected since {at}: its phone is not linked to the workspace any more.',
    waits:
      'Automatic messages do not leave now. They wait, and leave by themselves when the line is back. What would come too late by then is not sent at all.',
    steps: [
      'Take the phone of the line. It must be charged and online.',
      'On a computer sign in to the workspace and open the line. It shows a QR code, good for a short time only: open it with the phone in your hand, and load it anew when it has run out. A photo of it does not work. {workspace}',
      'On the phone open WhatsApp: Settings (on Android: the three dots) > Linked devices > Link a device.',
      'Scan the QR code with the phone, and wait until the workspace shows the line as connected.',
      'Do not log out other linked devices.',
      'Keep the phone charged and online, and open WhatsApp on it now and then: after two weeks without it WhatsApp logs everything out.',
      'If it does not work the second time, do not go on trying: write to {operator}.',
    ],
  },
  banned: {
    subject: '{client}: WhatsApp has shut out the number of the line. Please do not scan anything',
    happened:
      'the WhatsApp line of {client} ({line}) has not been allowed to send since {at}: WhatsApp has banned or restricted its number.',
    waits:
      'Automatic messages do not leave now. They wait until {operator} lets them go. What would come too late by then is not sent at all.',
    steps: [
      'Do not scan a QR code, and do not link the phone again: it can make things worse.',
      'Do not reinstall WhatsApp, and do not change the phone or the number.',
      'Take a picture of what WhatsApp shows on the phone.',
      'Write to {operator} with that picture, before you ask WhatsApp for a review. They tell you what comes next.',
    ],
  },
  ask: 'Questions: {operator}, {email}',
  never: 'Nobody needs a password or a code of yours by mail, by phone or in a chat.',
};

const he: LetterWords = {
  hello: (name) => (name === undefined ? 'שלום,' : `שלום ${name},`),
  means: 'מה זה אומר',
  soonest: 'ההודעות הראשונות כבר לא רלוונטיות אחרי: {usefulFor}.',
  todo: 'מה עושים',
  unlinked: {
    subject: '{client}: צריך לקשר מחדש את קו הוואטסאפ',
    happened: 'קו הוואטסאפ של {client} ({line}) מנותק מאז {at}: הטלפון של הקו כבר לא מקושר למערכת.',
    waits:
      'הודעות אוטומטיות לא יוצאות כרגע. הן ממתינות, ויוצאות מעצמן כשהקו חוזר לפעול. הודעה שכבר תגיע מאוחר מדי לא תישלח כלל.',
    steps: [
      'קחו את הטלפון של הקו. הוא צריך להיות טעון ומחובר לאינטרנט.',
      'במחשב, היכנסו למערכת ופתחו את הקו. יופיע קוד QR שתקף לזמן קצר בלבד: פתחו אותו כשהטלפון כבר ביד, וטענו אותו מחדש אם פג. צילום של הקוד לא עובד. {workspace}',
      'בטלפון פתחו את וואטסאפ: הגדרות (באנדרואיד: שלוש הנקודות) > מכשירים מקושרים (Linked devices) > קישור מכשיר (Link a device).',
      'סרקו את קוד ה-QR עם הטלפון, והמתינו עד שהמערכת מראה שהקו מחובר.',
      'אל תנתקו מכשירים מקושרים אחרים.',
      'השאירו את הטלפון טעון ומחובר לאינטרנט, ופתחו בו את וואטסאפ מדי פעם: אחרי שבועיים בלי שימוש וואטסאפ מנתקת את כל המכשירים.',
      'אם זה לא מצליח גם בפעם השנייה, אל תמשיכו לנסות: כתבו אל {operator}.',
    ],
  },
  banned: {
    subject: '{client}: וואטסאפ חסמה את מספר הקו. נא לא לסרוק שום קוד',
    happened: 'קו הוואטסאפ של {client} ({line}) לא רשאי לשלוח מאז {at}: וואטסאפ חסמה או הגבילה את המספר.',
    waits:
      'הודעות אוטומטיות לא יוצאות כרגע. הן ממתינות עד שמשחררים אותן אצל {operator}. הודעה שכבר תגיע מאוחר מדי לא תישלח כלל.',
    steps: [
      'אל תסרקו קוד QR ואל תקשרו את הטלפון מחדש: זה עלול להחמיר את המצב.',
      'אל תתקינו את וואטסאפ מחדש, ואל תחליפו טלפון או מספר.',
      'צלמו את מה שוואטסאפ מציגה בטלפון.',
      'כתבו אל {operator} וצרפו את הצילום, לפני שמבקשים מוואטסאפ בדיקה חוזרת. משם תקבלו את ההמשך.',
    ],
  },
  ask: 'שאלות: {operator}, {email}',
  never: 'אף אחד לא צריך מכם סיסמה או קוד, לא במייל, לא בטלפון ולא בצ׳אט.',
};

const ar: LetterWords = {
  hello: (name) => (name === undefined ? 'مرحبًا،' : `مرحبًا ${name}،`),
  means: 'ماذا يعني ذلك',
  soonest: 'أولى الرسائل يفوت وقتها بعد: {usefulFor}.',
  todo: 'ما المطلوب',
  unlinked: {
    subject: '{client}: يجب ربط خط واتساب من جديد',
    happened: 'خط واتساب الخاص بـ {client} ({line}) مفصول منذ {at}: هاتف الخط لم يعد مرتبطًا بالنظام.',
    waits:
      'الرسائل التلقائية لا تُرسل الآن. تبقى في الانتظار وتخرج من تلقاء نفسها عندما يعود الخط. والرسالة التي يفوت وقتها حتى ذلك الحين لا تُرسل أبدًا.',
    steps: [
      'أحضروا هاتف الخط. يجب أن يكون مشحونًا ومتصلًا بالإنترنت.',
      'على الحاسوب سجّلوا الدخول إلى النظام وافتحوا الخط. يظهر رمز QR صالح لوقت قصير فقط: افتحوه والهاتف في أيديكم، وحدّثوه إذا انتهت صلاحيته. صورة الرمز لا تعمل. {workspace}',
      'على الهاتف افتحوا واتساب: الإعدادات (في أندرويد: النقاط الثلاث) > الأجهزة المرتبطة (Linked devices) > ربط جهاز (Link a device).',
      'امسحوا رمز QR بالهاتف، وانتظروا حتى يظهر في النظام أن الخط متصل.',
      'لا تسجّلوا خروج الأجهزة المرتبطة الأخرى.',
      'أبقوا الهاتف مشحونًا ومتصلًا بالإنترنت، وافتحوا واتساب عليه من حين إلى آخر: بعد أسبوعين دون استخدام يسجّل واتساب خروج جميع الأجهزة.',
      'إذا لم ينجح الأمر في المرة الثانية فلا تواصلوا المحاولة: اكتبوا إلى {operator}.',
    ],
  },
  banned: {
    subject: '{client}: واتساب حظر رقم الخط. الرجاء عدم مسح أي رمز',
    happened: 'خط واتساب الخاص بـ {client} ({line}) غير مسموح له بالإرسال منذ {at}: واتساب حظر الرقم أو قيّده.',
    waits:
      'الرسائل التلقائية لا تُرسل الآن. تبقى في الانتظار إلى أن يُطلقها {operator}. والرسالة التي يفوت وقتها حتى ذلك الحين لا تُرسل أبدًا.',
    steps: [
      'لا تمسحوا رمز QR ولا تربطوا الهاتف من جديد: قد يزيد ذلك الأمر سوءًا.',
      'لا تعيدوا تثبيت واتساب، ولا تغيّروا الهاتف أو الرقم.',
      'التقطوا صورة لما يعرضه واتساب على الهاتف.',
      'اكتبوا إلى {operator} مع هذه الصورة قبل أن تطلبوا من واتساب مراجعة. ومن هناك تصلكم الخطوة التالية.',
    ],
  },
  ask: 'للأسئلة: {operator}، {email}',
  never: 'لا أحد يحتاج منكم كلمة مرور أو رمزًا، لا بالبريد ولا بالهاتف ولا في محادثة.',
};

const ru: LetterWords = {
  hello: (name) => (name === undefined ? 'Здравствуйте!' : `Здравствуйте, ${name}!`),
  means: 'Что это значит',
  soonest: 'Первые сообщения опоздают через: {usefulFor}.',
  todo: 'Что делать',
  unlinked: {
    subject: '{client}: линию WhatsApp нужно привязать заново',
    happened: 'линия WhatsApp «{client}» ({line}) отключена с {at}: её телефон больше не привязан к рабочему кабинету.',
    waits:
      'Автоматические сообщения сейчас не уходят. Они ждут и уйдут сами, когда линия снова заработает. То, что к тому времени опоздает, не будет отправлено совсем.',
    steps: [
      'Возьмите телефон этой линии. Он должен быть заряжен и подключён к интернету.',
      'На компьютере войдите в рабочий кабинет и откройте линию. Появится QR-код, он действует недолго: открывайте его, когда телефон уже в руке, и обновите, если он истёк. Снимок кода не подойдёт. {workspace}',
      'На телефоне откройте WhatsApp: Настройки (на Android: три точки) > Связанные устройства (Linked devices) > Привязка устройства (Link a device).',
      'Отсканируйте QR-код телефоном и подождите, пока кабинет покажет, что линия подключена.',
      'Не отключайте другие связанные устройства.',
      'Держите телефон заряженным и в сети и время от времени открывайте на нём WhatsApp: через две недели без него WhatsApp отключает все устройства.',
      'Если и со второго раза не получилось, больше не пробуйте: напишите {operator}.',
    ],
  },
  banned: {
    subject: '{client}: WhatsApp заблокировал номер линии. Пожалуйста, ничего не сканируйте',
    happened:
      'линии WhatsApp «{client}» ({line}) с {at} запрещено отправлять: WhatsApp заблокировал или ограничил её номер.',
    waits:
      'Автоматические сообщения сейчас не уходят. Они ждут, пока их не отпустит {operator}. То, что к тому времени опоздает, не будет отправлено совсем.',
    steps: [
      'Не сканируйте QR-код и не привязывайте телефон заново: от этого может стать хуже.',
      'Не переустанавливайте WhatsApp, не меняйте телефон и номер.',
      'Сделайте снимок того, что WhatsApp показывает на телефоне.',
      'Напишите {operator} и приложите этот снимок, прежде чем просить WhatsApp о проверке. Вам скажут, что делать дальше.',
    ],
  },
  ask: 'Вопросы: {operator}, {email}',
  never: 'Никому не нужны ваши пароли и коды: ни в письме, ни по телефону, ни в чате.',
};

const es: LetterWords = {
  hello: (name) => (name === undefined ? 'Hola:' : `Hola, ${name}:`),
  means: 'Qué significa',
  soonest: 'Los primeros mensajes llegan demasiado tarde después de: {usefulFor}.',
  todo: 'Qué hacer',
  unlinked: {
    subject: '{client}: hay que volver a vincular la línea de WhatsApp',
    happened:
      'la línea de WhatsApp de {client} ({line}) está desconectada desde el {at}: su teléfono ya no está vinculado al espacio de trabajo.',
    waits:
      'Los mensajes automáticos no salen por ahora. Esperan, y salen solos cuando la línea vuelva. Lo que para entonces llegaría demasiado tarde no se envía.',
    steps: [
      'Tome el teléfono de la línea. Debe tener batería y conexión a internet.',
      'En un ordenador entre en el espacio de trabajo y abra la línea. Aparece un código QR que vale poco tiempo: ábralo con el teléfono en la mano, y cárguelo de nuevo si ha caducado. Una foto del código no sirve. {workspace}',
      'En el teléfono abra WhatsApp: Ajustes (en Android: los tres puntos) > Dispositivos vinculados (Linked devices) > Vincular un dispositivo (Link a device).',
      'Escanee el código QR con el teléfono y espere a que el espacio de trabajo muestre la línea como conectada.',
      'No cierre la sesión de otros dispositivos vinculados.',
      'Mantenga el teléfono cargado y en línea, y abra WhatsApp en él de vez en cuando: tras dos semanas sin usarlo WhatsApp cierra todas las sesiones.',
      'Si no funciona a la segunda, no siga probando: escriba a {operator}.',
    ],
  },
  banned: {
    subject: '{client}: WhatsApp ha bloqueado el número de la línea. Por favor, no escanee nada',
    happened:
      'la línea de WhatsApp de {client} ({line}) no puede enviar desde el {at}: WhatsApp ha bloqueado o restringido su número.',
    waits:
      'Los mensajes automáticos no salen por ahora. Esperan hasta que {operator} los deje salir. Lo que para entonces llegaría demasiado tarde no se envía.',
    steps: [
      'No escanee ningún código QR ni vuelva a vincular el teléfono: puede empeorar las cosas.',
      'No reinstale WhatsApp, ni cambie de teléfono o de número.',
      'Haga una captura de lo que WhatsApp muestra en el teléfono.',
      'Escriba a {operator} con esa captura antes de pedir a WhatsApp una revisión. Le dirán cómo seguir.',
    ],
  },
  ask: 'Preguntas: {operator}, {email}',
  never: 'Nadie necesita una contraseña ni un código suyo, ni por correo, ni por teléfono, ni en un chat.',
};

const fr: LetterWords = {
  hello: (name) => (name === undefined ? 'Bonjour,' : `Bonjour ${name},`),
  means: 'Ce que cela veut dire',
  soonest: 'Les premiers messages arrivent trop tard au bout de : {usefulFor}.',
  todo: 'Ce qu’il faut faire',
  unlinked: {
    subject: '{client} : la ligne WhatsApp doit être connectée à nouveau',
    happened:
      'la ligne WhatsApp de {client} ({line}) est déconnectée depuis le {at} : son téléphone n’est plus relié à l’espace de travail.',
    waits:
      'Les messages automatiques ne partent plus pour le moment. Ils attendent, et partiront d’eux-mêmes quand la ligne sera de retour. Ce qui arriverait alors trop tard n’est pas envoyé.',
    steps: [
      'Prenez le téléphone de la ligne. Il doit être chargé et connecté à internet.',
      'Sur un ordinateur, connectez-vous à l’espace de travail et ouvrez la ligne. Un code QR s’affiche, valable peu de temps : ouvrez-le le téléphone à la main, et rechargez-le s’il a expiré. Une photo du code ne marche pas. {workspace}',
      'Sur le téléphone, ouvrez WhatsApp : Paramètres (sur Android : les trois points) > Appareils connectés (Linked devices) > Connecter un appareil (Link a device).',
      'Scannez le code QR avec le téléphone, et attendez que l’espace de travail montre la ligne comme connectée.',
      'Ne déconnectez pas les autres appareils connectés.',
      'Gardez le téléphone chargé et en ligne, et ouvrez-y WhatsApp de temps en temps : après deux semaines sans lui, WhatsApp déconnecte tout.',
      'Si cela ne marche pas la deuxième fois, n’insistez pas : écrivez à {operator}.',
    ],
  },
  banned: {
    subject: '{client} : WhatsApp a bloqué le numéro de la ligne. Merci de ne rien scanner',
    happened:
      'la ligne WhatsApp de {client} ({line}) ne peut plus rien envoyer depuis le {at} : WhatsApp a bloqué ou restreint son numéro.',
    waits:
      'Les messages automatiques ne partent plus pour le moment. Ils attendent que {operator} les laisse partir. Ce qui arriverait alors trop tard n’est pas envoyé.',
    steps: [
      'Ne scannez aucun code QR et ne connectez pas le téléphone à nouveau : cela peut aggraver les choses.',
      'Ne réinstallez pas WhatsApp, et ne changez ni de téléphone ni de numéro.',
      'Faites une capture de ce que WhatsApp affiche sur le téléphone.',
      'Écrivez à {operator} avec cette capture, avant de demander à WhatsApp un réexamen. On vous dira la suite.',
    ],
  },
  ask: 'Questions : {operator}, {email}',
  never:
    'Personne n’a besoin d’un mot de passe ou d’un code de votre part, ni par e-mail, ni par téléphone, ni dans un chat.',
};

const de: LetterWords = {
  hello: (name) => (name === undefined ? 'Guten Tag,' : `Guten Tag ${name},`),
  means: 'Was das bedeutet',
  soonest: 'Die ersten Nachrichten kommen zu spät nach: {usefulFor}.',
  todo: 'Was zu tun ist',
  unlinked: {
    subject: '{client}: Die WhatsApp-Leitung muss neu verknüpft werden',
    happened:
      'die WhatsApp-Leitung von {client} ({line}) ist seit {at} getrennt: Ihr Telefon ist nicht mehr mit dem Arbeitsbereich verknüpft.',
    waits:
      'Automatische Nachrichten gehen zurzeit nicht hinaus. Sie warten und gehen von selbst hinaus, sobald die Leitung wieder da ist. Was bis dahin zu spät käme, wird gar nicht gesendet.',
    steps: [
      'Nehmen Sie das Telefon der Leitung. Es muss geladen und online sein.',
      'Melden Sie sich am Computer im Arbeitsbereich an und öffnen Sie die Leitung. Es erscheint ein QR-Code, der nur kurz gilt: Öffnen Sie ihn mit dem Telefon in der Hand, und laden Sie ihn neu, wenn er abgelaufen ist. Ein Foto davon geht nicht. {workspace}',
      'Öffnen Sie auf dem Telefon WhatsApp: Einstellungen (auf Android: die drei Punkte) > Verknüpfte Geräte (Linked devices) > Gerät hinzufügen (Link a device).',
      'Scannen Sie den QR-Code mit dem Telefon, und warten Sie, bis der Arbeitsbereich die Leitung als verbunden zeigt.',
      'Melden Sie keine anderen verknüpften Geräte ab.',
      'Halten Sie das Telefon geladen und online, und öffnen Sie darauf ab und zu WhatsApp: Nach zwei Wochen ohne meldet WhatsApp alle Geräte ab.',
      'Geht es auch beim zweiten Mal nicht, versuchen Sie es nicht weiter: Schreiben Sie an {operator}.',
    ],
  },
  banned: {
    subject: '{client}: WhatsApp hat die Nummer der Leitung gesperrt. Bitte nichts scannen',
    happened:
      'die WhatsApp-Leitung von {client} ({line}) darf seit {at} nichts mehr senden: WhatsApp hat ihre Nummer gesperrt oder eingeschränkt.',
    waits:
      'Automatische Nachrichten gehen zurzeit nicht hinaus. Sie warten, bis {operator} sie gehen lässt. Was bis dahin zu spät käme, wird gar nicht gesendet.',
    steps: [
      'Scannen Sie keinen QR-Code, und verknüpfen Sie das Telefon nicht neu: Das kann alles verschlimmern.',
      'Installieren Sie WhatsApp nicht neu, und wechseln Sie weder Telefon noch Nummer.',
      'Machen Sie ein Bild von dem, was WhatsApp auf dem Telefon zeigt.',
      'Schreiben Sie mit diesem Bild an {operator}, bevor Sie WhatsApp um eine Überprüfung bitten. Sie hören dann, wie es weitergeht.',
    ],
  },
  ask: 'Fragen: {operator}, {email}',
  never: 'Niemand braucht ein Passwort oder einen Code von Ihnen, weder per E-Mail noch am Telefon noch in einem Chat.',
};

const pt: LetterWords = {
  hello: (name) => (name === undefined ? 'Olá,' : `Olá ${name},`),
  means: 'O que isso significa',
  soonest: 'As primeiras mensagens chegam tarde demais depois de: {usefulFor}.',
  todo: 'O que fazer',
  unlinked: {
    subject: '{client}: a linha do WhatsApp precisa ser conectada de novo',
    happened:
      'a linha do WhatsApp de {client} ({line}) está desconectada desde {at}: o telefone dela já não está ligado ao espaço de trabalho.',
    waits:
      'As mensagens automáticas não saem por enquanto. Elas esperam, e saem sozinhas quando a linha voltar. O que até lá chegaria tarde demais não é enviado.',
    steps: [
      'Pegue o telefone da linha. Ele precisa estar carregado e com internet.',
      'No computador, entre no espaço de trabalho e abra a linha. Aparece um código QR que vale por pouco tempo: abra-o com o telefone na mão, e carregue-o de novo se tiver expirado. Uma foto do código não funciona. {workspace}',
      'No telefone abra o WhatsApp: Configurações (no Android: os três pontos) > Dispositivos conectados (Linked devices) > Conectar dispositivo (Link a device).',
      'Leia o código QR com o telefone e espere até o espaço de trabalho mostrar a linha como conectada.',
      'Não desconecte outros dispositivos.',
      'Mantenha o telefone carregado e com internet, e abra o WhatsApp nele de vez em quando: depois de duas semanas sem uso o WhatsApp desconecta tudo.',
      'Se não der certo na segunda vez, não continue tentando: escreva para {operator}.',
    ],
  },
  banned: {
    subject: '{client}: o WhatsApp bloqueou o número da linha. Por favor, não leia nenhum código',
    happened:
      'a linha do WhatsApp de {client} ({line}) não pode enviar desde {at}: o WhatsApp bloqueou ou restringiu o número dela.',
    waits:
      'As mensagens automáticas não saem por enquanto. Elas esperam até que {operator} as libere. O que até lá chegaria tarde demais não é enviado.',
    steps: [
      'Não leia nenhum código QR e não conecte o telefone de novo: isso pode piorar a situação.',
      'Não reinstale o WhatsApp, e não troque de telefone nem de número.',
      'Faça uma captura do que o WhatsApp mostra no telefone.',
      'Escreva para {operator} com essa captura, antes de pedir uma análise ao WhatsApp. Você saberá o próximo passo.',
    ],
  },
  ask: 'Dúvidas: {operator}, {email}',
  never: 'Ninguém precisa de uma senha ou de um código seu, nem por e-mail, nem por telefone, nem numa conversa.',
};

/** By language. */
export const LETTER_WORDS: Readonly<Record<string, LetterWords>> = { en, he, ar, ru, es, fr, de, pt };
