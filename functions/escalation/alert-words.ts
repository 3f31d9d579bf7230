import { type AlertWords, ENGLISH } from './alert.ts';

/** What alerts say, by language. Runs at synth: only the client's own language is in its settings. */
const WORDS: Readonly<Record<string, Required<Omit<AlertWords, 'language'>>>> = {
  en: ENGLISH,
  he: {
    unanswered: 'עדיין לא ענו',
    keywords: 'מילה שכדאי לשים לב אליה',
    numbers: 'לקוח חשוב כתב',
    types: 'הגיעה הודעה מסוג זה',
    outsideHours: 'הודעה מחוץ לשעות הפעילות',
    rule: 'כלל מקובץ הלקוח',
    'stop-without-number': 'מישהו ביקש הסרה, והמספר שלו לא ידוע',
    'perhaps-stop': 'אולי מישהו לא רוצה לקבל עוד הודעות: קראו והחליטו',
    'unreadable-change': 'הודעה שונתה: את הנוסח החדש אפשר לקרוא רק בטלפון',
    'answer-to-reminder': 'תשובה לתזכורת: לבטל או להזיז',
    unknown: 'שולח לא ידוע',
    hidden: 'WhatsApp מסתיר את המספר',
    open: 'לשיחה',
    sent: 'שלחנו: {what}, {at}',
    notices: {
      send_failed: {
        title: 'הודעה שהתקבלה לשליחה לא הגיעה',
        todo: 'היא לא תישלח שוב מעצמה: היא עלולה להגיע פעמיים. הציצו בשיחה, ואז: {command}',
      },
      more_sends_failed: {
        title: 'הודעות נוספות שלא הגיעו מאז {at}: {n}',
        todo: 'כולן: {command}',
      },
      stop_not_applied: {
        title: 'מישהו ביקש הסרה, ואי אפשר לשמור את זה',
        todo: 'בינתיים לא נשלח אליו דבר, והניסיון נמשך שלושה ימים. מה לא תקין: {command}',
      },
      more_stops_not_applied: {
        title: 'בקשות הסרה נוספות שאי אפשר לשמור, מאז {at}: {n}',
        todo: 'בינתיים לא נשלח אליהם דבר, והניסיון נמשך שלושה ימים. מה לא תקין: {command}',
      },
      stop_not_held: {
        title: 'מישהו ביקש הסרה ועדיין עלולות להישלח אליו הודעות: אי אפשר לשמור את זה',
        todo: 'עצרו את הקו עד לתיקון: {command}',
      },
      more_stops_not_held: {
        title: 'אנשים נוספים שביקשו הסרה ועדיין עלולות להישלח אליהם הודעות, מאז {at}: {n}',
        todo: 'עצרו את הקו עד לתיקון: {command}',
      },
      stop_not_shown: {
        title: 'מישהו ביקש הסרה, וה־CRM לא מראה זאת',
        todo: 'לא נשלח אליו דבר. סמנו את איש הקשר ידנית; כשה־CRM יקבל שוב: {command}',
      },
      more_stops_not_shown: {
        title: 'בקשות הסרה נוספות שה־CRM לא מראה, מאז {at}: {n}',
        todo: 'כולן: {command}',
      },
      stop_list_unreadable: {
        title: 'אי אפשר לקרוא מי ביקש הסרה: שום דבר לא נשלח עד שיתוקן',
        todo: 'מה שממתין יֵצא מעצמו אחר כך, אם עוד יועיל. מה לא תקין: {command}',
      },
    },
    nowhere:
      'היא לא תישלח שוב מעצמה: היא עלולה להגיע פעמיים. לא ידועה שיחה עם האדם: מצאו אותו לפי {id} ({source}), ואז: {command}',
    failures: {
      unreachable: 'WhatsApp לא מצליח להגיע למספר: אולי אין בו WhatsApp, או שהגרסה ישנה. פנו בדרך אחרת.',
      held_back: 'WhatsApp עיכב אותה, כי הוא מגביל מה אנשים מקבלים. שליחה חוזרת עכשיו לא תעזור.',
      no_talk: 'הלקוח לא כתב יותר מיממה, ו־WhatsApp לא מעביר הודעה כזו.',
      other: 'WhatsApp אומר: {words}',
      unsaid: 'WhatsApp לא נתן סיבה.',
    },
    late: 'ההודעה הגיעה באיחור של {delay}',
    digest: 'הודעות שהגיעו באיחור: {messages}, בשיחות: {conversations}',
    written: 'נכתבו: {from} – {to}; כלל חל על: {matching}',
    more: 'ועוד {count}',
  },
  ar: {
    unanswered: 'لم يرد أحد بعد',
    keywords: 'كلمة تستدعي الانتباه',
    numbers: 'كتب عميل مهم',
    types: 'وصلت رسالة من هذا النوع',
    outsideHours: 'رسالة خارج ساعات العمل',
    rule: 'قاعدة من ملف العميل',
    'stop-without-number': 'طلب أحدهم التوقف ورقمه غير معروف',
    'perhaps-stop': 'ربما لا يريد أحدهم رسائل أخرى: اقرأ وقرر',
    'unreadable-change': 'عُدّلت رسالة: لا يمكن قراءة نصها الجديد إلا على الهاتف',
    'answer-to-reminder': 'رد على تذكير: إلغاء أو تغيير الموعد',
    unknown: 'مرسل غير معروف',
    hidden: 'الرقم مخفي من WhatsApp',
    open: 'فتح المحادثة',
    sent: 'أرسلنا: {what}، {at}',
    notices: {
      send_failed: {
        title: 'رسالة قُبلت للإرسال ولم تصل',
        todo: 'لن تُرسل مرة أخرى تلقائيًا: قد تصل مرتين. انظر في المحادثة أولًا، ثم: {command}',
      },
      more_sends_failed: {
        title: 'رسائل أخرى لم تصل منذ {at}: {n}',
        todo: 'كلها: {command}',
      },
      stop_not_applied: {
        title: 'طلب أحدهم التوقف ولا يمكن حفظ ذلك',
        todo: 'لا يُرسل إليه شيء في هذه الأثناء، وتستمر المحاولة ثلاثة أيام. ما الخلل: {command}',
      },
      more_stops_not_applied: {
        title: 'طلبات توقف أخرى تعذّر حفظها منذ {at}: {n}',
        todo: 'لا يُرسل إليهم شيء في هذه الأثناء، وتستمر المحاولة ثلاثة أيام. ما الخلل: {command}',
      },
      stop_not_held: {
        title: 'طلب أحدهم التوقف وقد تصله رسائل بعد: لا يمكن حفظ ذلك',
        todo: 'أوقف الخط حتى يُصلح ذلك: {command}',
      },
      more_stops_not_held: {
        title: 'آخرون طلبوا التوقف وقد تصلهم رسائل بعد، منذ {at}: {n}',
        todo: 'أوقف الخط حتى يُصلح ذلك: {command}',
      },
      stop_not_shown: {
        title: 'طلب أحدهم التوقف ولا يظهر ذلك في CRM',
        todo: 'لا يُرسل إليه شيء. علّم جهة الاتصال يدويًا؛ وعندما يقبل CRM من جديد: {command}',
      },
      more_stops_not_shown: {
        title: 'طلبات توقف أخرى لا تظهر في CRM منذ {at}: {n}',
        todo: 'كلها: {command}',
      },
      stop_list_unreadable: {
        title: 'لا يمكن قراءة من طلب التوقف: لا يُرسل شيء حتى يُصلح ذلك',
        todo: 'ما ينتظر يخرج تلقائيًا بعدها إن كان لا يزال مفيدًا. ما الخلل: {command}',
      },
    },
    nowhere:
      'لن تُرسل من جديد تلقائيًا: قد تصل مرتين. لا تُعرف محادثة معه: ابحثوا عنه بالرقم {id} ({source})، ثم: {command}',
    failures: {
      unreachable:
        'لا يستطيع WhatsApp الوصول إلى هذا الرقم: ربما لا يوجد عليه WhatsApp أو نسخته قديمة. تواصل بطريقة أخرى.',
      held_back: 'احتجزها WhatsApp لأنه يحدّ مما يصل إلى الناس. إعادة الإرسال الآن لا تفيد.',
      no_talk: 'لم يكتب العميل منذ أكثر من يوم، ولا يمرر WhatsApp رسالة كهذه.',
      other: 'يقول WhatsApp: {words}',
      unsaid: 'لم يذكر WhatsApp سببًا.',
    },
    late: 'وصلت متأخرة: {delay}',
    digest: 'رسائل وصلت متأخرة: {messages}، في محادثات: {conversations}',
    written: 'كُتبت: {from} – {to}؛ تنطبق قاعدة على: {matching}',
    more: 'و{count} أخرى',
  },
  ru: {
    unanswered: 'пока никто не ответил',
    keywords: 'слово, на которое стоит обратить внимание',
    numbers: 'написал важный клиент',
    types: 'пришло сообщение такого вида',
    outsideHours: 'сообщение в нерабочее время',
    rule: 'правило из файла клиента',
    'stop-without-number': 'кто-то написал «стоп», но номер неизвестен',
    'perhaps-stop': 'возможно, кто-то больше не хочет сообщений: прочтите и решите',
    'unreadable-change': 'сообщение изменено: новый текст виден только на телефоне',
    'answer-to-reminder': 'ответ на напоминание: отменить или перенести',
    unknown: 'Неизвестный отправитель',
    hidden: 'номер скрыт WhatsApp',
    open: 'Открыть переписку',
    sent: 'Мы отправили: {what}, {at}',
    notices: {
      send_failed: {
        title: 'сообщение было принято к отправке, но не дошло',
        todo: 'Само оно больше не отправится: иначе могло бы прийти дважды. Сначала посмотрите переписку, затем: {command}',
      },
      more_sends_failed: {
        title: 'другие сообщения, не дошедшие с {at}: {n}',
        todo: 'Все они: {command}',
      },
      stop_not_applied: {
        title: 'кто-то написал «стоп», и это не удаётся сохранить',
        todo: 'Пока ему ничего не отправляется; попытки продолжаются три дня. В чём дело: {command}',
      },
      more_stops_not_applied: {
        title: 'другие «стоп», которые не удаётся сохранить, с {at}: {n}',
        todo: 'Пока им ничего не отправляется; попытки продолжаются три дня. В чём дело: {command}',
      },
      stop_not_held: {
        title: 'кто-то написал «стоп», но сообщения ещё могут ему уйти: это не удаётся сохранить',
        todo: 'Остановите линию, пока это не исправлено: {command}',
      },
      more_stops_not_held: {
        title: 'другие люди, написавшие «стоп», которым сообщения ещё могут уйти, с {at}: {n}',
        todo: 'Остановите линию, пока это не исправлено: {command}',
      },
      stop_not_shown: {
        title: 'кто-то написал «стоп», а в CRM этого не видно',
        todo: 'Ему ничего не отправляется. Отметьте контакт вручную; когда CRM снова примет: {command}',
      },
      more_stops_not_shown: {
        title: 'другие «стоп», которых не видно в CRM, с {at}: {n}',
        todo: 'Все они: {command}',
      },
      stop_list_unreadable: {
        title: 'не удаётся прочитать, кто написал «стоп»: до исправления ничего не отправляется',
        todo: 'Ожидающее уйдёт потом само, если ещё будет полезно. В чём дело: {command}',
      },
    },
    nowhere:
      'Само оно больше не отправится: иначе могло бы прийти дважды. Переписка с этим человеком неизвестна: найдите его по {id} ({source}), затем: {command}',
    failures: {
      unreachable:
        'WhatsApp не может доставить на этот номер: возможно, там нет WhatsApp или он устарел. Свяжитесь иначе.',
      held_back:
        'WhatsApp задержал сообщение: он ограничивает, сколько люди получают. Повторная отправка сейчас не поможет.',
      no_talk: 'Клиент не писал больше суток, и WhatsApp не пропустил такое сообщение.',
      other: 'WhatsApp сообщает: {words}',
      unsaid: 'WhatsApp не назвал причины.',
    },
    late: 'пришло с опозданием: {delay}',
    digest: 'сообщений пришло с опозданием: {messages}, бесед: {conversations}',
    written: 'написаны: {from} – {to}; подходят под правило: {matching}',
    more: 'и ещё {count}',
  },
  es: {
    unanswered: 'nadie ha contestado todavía',
    keywords: 'una palabra a la que prestar atención',
    numbers: 'ha escrito un cliente importante',
    types: 'ha llegado un mensaje de este tipo',
    outsideHours: 'un mensaje fuera del horario',
    rule: 'una regla del archivo del cliente',
    'stop-without-number': 'alguien pidió no recibir más y no se conoce su número',
    'perhaps-stop': 'puede que alguien no quiera más mensajes: léalo y decida',
    'unreadable-change': 'se ha editado un mensaje: lo que dice ahora solo se lee en el teléfono',
    'answer-to-reminder': 'respuesta a un recordatorio: cancelar o cambiar',
    unknown: 'Remitente desconocido',
    hidden: 'número oculto por WhatsApp',
    open: 'Abrir la conversación',
    sent: 'Enviamos: {what}, {at}',
    notices: {
      send_failed: {
        title: 'un mensaje aceptado no ha llegado',
        todo: 'No se vuelve a enviar solo: podría llegar dos veces. Mire primero la conversación y luego: {command}',
      },
      more_sends_failed: {
        title: 'más mensajes que no han llegado desde {at}: {n}',
        todo: 'Todos: {command}',
      },
      stop_not_applied: {
        title: 'alguien pidió no recibir más y no se puede guardar',
        todo: 'Mientras tanto no se le envía nada, y se sigue intentando durante tres días. Qué falla: {command}',
      },
      more_stops_not_applied: {
        title: 'más bajas que no se pueden guardar, desde {at}: {n}',
        todo: 'Mientras tanto no se les envía nada, y se sigue intentando durante tres días. Qué falla: {command}',
      },
      stop_not_held: {
        title: 'alguien pidió no recibir más y aún podría recibir mensajes: no se puede guardar',
        todo: 'Detenga la línea hasta que se arregle: {command}',
      },
      more_stops_not_held: {
        title: 'más personas que pidieron no recibir más y aún podrían recibir mensajes, desde {at}: {n}',
        todo: 'Detenga la línea hasta que se arregle: {command}',
      },
      stop_not_shown: {
        title: 'alguien pidió no recibir más y el CRM no lo muestra',
        todo: 'No se le envía nada. Márquelo a mano en el contacto; cuando el CRM vuelva a aceptar: {command}',
      },
      more_stops_not_shown: {
        title: 'más bajas que el CRM no muestra, desde {at}: {n}',
        todo: 'Todas: {command}',
      },
      stop_list_unreadable: {
        title: 'no se puede leer quién pidió no recibir más: no se envía nada hasta que se pueda',
        todo: 'Lo que espera sale solo después, si todavía sirve. Qué falla: {command}',
      },
    },
    nowhere:
      'No se vuelve a enviar solo: podría llegar dos veces. No se conoce una conversación con esa persona: búsquela por {id} ({source}) y luego: {command}',
    failures: {
      unreachable:
        'WhatsApp no puede llegar a este número: quizá no tiene WhatsApp o es una versión antigua. Contacte por otra vía.',
      held_back: 'WhatsApp lo retuvo porque limita lo que recibe la gente. Reenviarlo ahora no ayuda.',
      no_talk: 'No ha escrito en más de un día, y WhatsApp no dejó pasar un mensaje así.',
      other: 'WhatsApp dice: {words}',
      unsaid: 'WhatsApp no dio ningún motivo.',
    },
    late: 'llegó tarde: {delay}',
    digest: 'mensajes que llegaron tarde: {messages}, en conversaciones: {conversations}',
    written: 'escritos: {from} – {to}; cumplen una regla: {matching}',
    more: 'y {count} más',
  },
  fr: {
    unanswered: 'personne n’a encore répondu',
    keywords: 'un mot à surveiller',
    numbers: 'un client important a écrit',
    types: 'un message de ce type est arrivé',
    outsideHours: 'un message en dehors des horaires',
    rule: 'une règle du fichier du client',
    'stop-without-number': 'quelqu’un a dit stop et son numéro n’est pas connu',
    'perhaps-stop': 'quelqu’un ne veut peut-être plus de messages : lisez et décidez',
    'unreadable-change': 'un message a été modifié : son nouveau texte ne se lit que sur le téléphone',
    'answer-to-reminder': 'réponse à un rappel : annuler ou déplacer',
    unknown: 'Expéditeur inconnu',
    hidden: 'numéro masqué par WhatsApp',
    open: 'Ouvrir la conversation',
    sent: 'Nous avons envoyé : {what}, {at}',
    notices: {
      send_failed: {
        title: 'un message accepté n’est pas arrivé',
        todo: 'Il n’est pas renvoyé tout seul : il pourrait arriver deux fois. Regardez d’abord la conversation, puis : {command}',
      },
      more_sends_failed: {
        title: 'autres messages non arrivés depuis {at} : {n}',
        todo: 'Tous : {command}',
      },
      stop_not_applied: {
        title: 'quelqu’un a dit stop, et cela ne peut pas être enregistré',
        todo: 'Rien ne lui est envoyé entre-temps, et on réessaie pendant trois jours. Ce qui ne va pas : {command}',
      },
      more_stops_not_applied: {
        title: 'autres stops qui ne peuvent pas être enregistrés, depuis {at} : {n}',
        todo: 'Rien ne leur est envoyé entre-temps, et on réessaie pendant trois jours. Ce qui ne va pas : {command}',
      },
      stop_not_held: {
        title: 'quelqu’un a dit stop et peut encore recevoir des messages : cela ne peut pas être enregistré',
        todo: 'Arrêtez la ligne jusqu’à la réparation : {command}',
      },
      more_stops_not_held: {
        title: 'autres personnes qui ont dit stop et peuvent encore recevoir des messages, depuis {at} : {n}',
        todo: 'Arrêtez la ligne jusqu’à la réparation : {command}',
      },
      stop_not_shown: {
        title: 'quelqu’un a dit stop, et le CRM ne le montre pas',
        todo: 'Rien ne lui est envoyé. Marquez le contact à la main ; quand le CRM accepte de nouveau : {command}',
      },
      more_stops_not_shown: {
        title: 'autres stops que le CRM ne montre pas, depuis {at} : {n}',
        todo: 'Tous : {command}',
      },
      stop_list_unreadable: {
        title: 'impossible de lire qui a dit stop : rien n’est envoyé jusque-là',
        todo: 'Ce qui attend part ensuite tout seul, si c’est encore utile. Ce qui ne va pas : {command}',
      },
    },
    nowhere:
      'Il n’est pas renvoyé tout seul : il pourrait arriver deux fois. Aucune conversation avec cette personne n’est connue : cherchez-la par {id} ({source}), puis : {command}',
    failures: {
      unreachable:
        'WhatsApp ne peut pas joindre ce numéro : il n’a peut-être pas WhatsApp, ou une ancienne version. Contactez la personne autrement.',
      held_back: 'WhatsApp l’a retenu, car il limite ce que les gens reçoivent. Le renvoyer maintenant n’aide pas.',
      no_talk: 'La personne n’a pas écrit depuis plus d’un jour, et WhatsApp n’a pas laissé passer un tel message.',
      other: 'WhatsApp dit : {words}',
      unsaid: 'WhatsApp n’a pas donné de raison.',
    },
    late: 'arrivé en retard : {delay}',
    digest: 'messages arrivés en retard : {messages}, dans des conversations : {conversations}',
    written: 'écrits : {from} – {to} ; une règle s’applique à : {matching}',
    more: 'et {count} de plus',
  },
  de: {
    unanswered: 'noch hat niemand geantwortet',
    keywords: 'ein Wort, auf das zu achten ist',
    numbers: 'ein wichtiger Kunde hat geschrieben',
    types: 'eine Nachricht dieser Art ist gekommen',
    outsideHours: 'eine Nachricht außerhalb der Öffnungszeiten',
    rule: 'eine Regel der Kundendatei',
    'stop-without-number': 'jemand hat Stopp gesagt, und die Nummer ist nicht bekannt',
    'perhaps-stop': 'jemand will vielleicht keine Nachrichten mehr: bitte lesen und entscheiden',
    'unreadable-change': 'eine Nachricht wurde geändert: was sie jetzt sagt, steht nur auf dem Telefon',
    'answer-to-reminder': 'Antwort auf eine Erinnerung: absagen oder verschieben',
    unknown: 'Unbekannter Absender',
    hidden: 'Nummer von WhatsApp verborgen',
    open: 'Unterhaltung öffnen',
    sent: 'Wir haben gesendet: {what}, {at}',
    notices: {
      send_failed: {
        title: 'eine angenommene Nachricht ist nicht angekommen',
        todo: 'Sie wird nicht von selbst noch einmal gesendet: sie könnte doppelt ankommen. Bitte zuerst in die Unterhaltung sehen, dann: {command}',
      },
      more_sends_failed: {
        title: 'weitere Nachrichten, die seit {at} nicht angekommen sind: {n}',
        todo: 'Alle: {command}',
      },
      stop_not_applied: {
        title: 'jemand hat Stopp gesagt, und es lässt sich nicht speichern',
        todo: 'Bis dahin wird ihnen nichts gesendet, und es wird drei Tage lang weiter versucht. Was fehlt: {command}',
      },
      more_stops_not_applied: {
        title: 'weitere Stopps, die sich nicht speichern lassen, seit {at}: {n}',
        todo: 'Bis dahin wird ihnen nichts gesendet, und es wird drei Tage lang weiter versucht. Was fehlt: {command}',
      },
      stop_not_held: {
        title: 'jemand hat Stopp gesagt und kann noch Nachrichten bekommen: es lässt sich nicht speichern',
        todo: 'Bitte die Leitung anhalten, bis das behoben ist: {command}',
      },
      more_stops_not_held: {
        title: 'weitere Leute, die Stopp gesagt haben und noch Nachrichten bekommen können, seit {at}: {n}',
        todo: 'Bitte die Leitung anhalten, bis das behoben ist: {command}',
      },
      stop_not_shown: {
        title: 'jemand hat Stopp gesagt, und das CRM zeigt es nicht',
        todo: 'Ihnen wird nichts gesendet. Bitte den Kontakt von Hand kennzeichnen; wenn das CRM wieder annimmt: {command}',
      },
      more_stops_not_shown: {
        title: 'weitere Stopps, die das CRM nicht zeigt, seit {at}: {n}',
        todo: 'Alle: {command}',
      },
      stop_list_unreadable: {
        title: 'wer Stopp gesagt hat, lässt sich nicht lesen: bis dahin wird nichts gesendet',
        todo: 'Was wartet, geht danach von selbst hinaus, wenn es noch nützt. Was fehlt: {command}',
      },
    },
    nowhere:
      'Sie wird nicht von selbst noch einmal gesendet: sie könnte doppelt ankommen. Eine Unterhaltung ist nicht bekannt: bitte die Person über {id} ({source}) suchen, dann: {command}',
    failures: {
      unreachable:
        'WhatsApp erreicht diese Nummer nicht: vielleicht hat sie kein WhatsApp, oder ein altes. Bitte auf anderem Weg melden.',
      held_back:
        'WhatsApp hat sie zurückgehalten, denn es begrenzt, was Menschen bekommen. Jetzt noch einmal zu senden hilft nicht.',
      no_talk: 'Sie haben seit mehr als einem Tag nicht geschrieben, und WhatsApp hat so etwas nicht durchgelassen.',
      other: 'WhatsApp sagt: {words}',
      unsaid: 'WhatsApp hat keinen Grund genannt.',
    },
    late: 'kam verspätet: {delay}',
    digest: 'Nachrichten, die verspätet kamen: {messages}, in Unterhaltungen: {conversations}',
    written: 'geschrieben: {from} – {to}; eine Regel trifft zu auf: {matching}',
    more: 'und {count} weitere',
  },
  pt: {
    unanswered: 'ninguém respondeu ainda',
    keywords: 'uma palavra que pede atenção',
    numbers: 'um cliente importante escreveu',
    types: 'chegou uma mensagem deste tipo',
    outsideHours: 'uma mensagem fora do horário',
    rule: 'uma regra do arquivo do cliente',
    'stop-without-number': 'alguém pediu para parar e o número não é conhecido',
    'perhaps-stop': 'alguém talvez não queira mais mensagens: leia e decida',
    'unreadable-change': 'uma mensagem foi editada: o novo texto só se lê no telefone',
    'answer-to-reminder': 'resposta a um lembrete: cancelar ou remarcar',
    unknown: 'Remetente desconhecido',
    hidden: 'número oculto pelo WhatsApp',
    open: 'Abrir a conversa',
    sent: 'Enviamos: {what}, {at}',
    notices: {
      send_failed: {
        title: 'uma mensagem aceita não chegou',
        todo: 'Ela não é reenviada sozinha: poderia chegar duas vezes. Veja antes a conversa e depois: {command}',
      },
      more_sends_failed: {
        title: 'outras mensagens que não chegaram desde {at}: {n}',
        todo: 'Todas: {command}',
      },
      stop_not_applied: {
        title: 'alguém pediu para parar e não foi possível guardar isso',
        todo: 'Enquanto isso nada é enviado a essa pessoa, e a tentativa continua por três dias. O que está errado: {command}',
      },
      more_stops_not_applied: {
        title: 'outros pedidos para parar que não foi possível guardar, desde {at}: {n}',
        todo: 'Enquanto isso nada é enviado a elas, e a tentativa continua por três dias. O que está errado: {command}',
      },
      stop_not_held: {
        title: 'alguém pediu para parar e ainda pode receber mensagens: não foi possível guardar isso',
        todo: 'Segure a linha até isso ser resolvido: {command}',
      },
      more_stops_not_held: {
        title: 'outras pessoas que pediram para parar e ainda podem receber mensagens, desde {at}: {n}',
        todo: 'Segure a linha até isso ser resolvido: {command}',
      },
      stop_not_shown: {
        title: 'alguém pediu para parar e o CRM não mostra',
        todo: 'Nada é enviado a essa pessoa. Marque o contato à mão; quando o CRM aceitar de novo: {command}',
      },
      more_stops_not_shown: {
        title: 'outros pedidos para parar que o CRM não mostra, desde {at}: {n}',
        todo: 'Todos: {command}',
      },
      stop_list_unreadable: {
        title: 'não é possível ler quem pediu para parar: nada é enviado até ser possível',
        todo: 'O que espera sai sozinho depois, se ainda for útil. O que está errado: {command}',
      },
    },
    nowhere:
      'Ela não é reenviada sozinha: poderia chegar duas vezes. Não se conhece uma conversa com a pessoa: procure-a por {id} ({source}) e depois: {command}',
    failures: {
      unreachable:
        'O WhatsApp não alcança este número: talvez não tenha WhatsApp, ou seja uma versão antiga. Fale por outro meio.',
      held_back: 'O WhatsApp reteve a mensagem, pois limita o que as pessoas recebem. Reenviar agora não ajuda.',
      no_talk: 'A pessoa não escreve há mais de um dia, e o WhatsApp não deixou passar uma mensagem assim.',
      other: 'O WhatsApp diz: {words}',
      unsaid: 'O WhatsApp não deu motivo.',
    },
    late: 'chegou com atraso: {delay}',
    digest: 'mensagens que chegaram com atraso: {messages}, em conversas: {conversations}',
    written: 'escritas: {from} – {to}; uma regra vale para: {matching}',
    more: 'e mais {count}',
  },
};

/** What the alerts of a client say, in its language or else in English. */
export const alertWords = (locale: string): AlertWords => {
  const spoken = locale.split('-')[0] ?? '';
  const own = Object.hasOwn(WORDS, spoken) ? WORDS[spoken] : undefined;
  return own ? { ...own, language: locale } : { ...ENGLISH, language: 'en' };
};
