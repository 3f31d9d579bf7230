import type { MessageItem } from '../shared/ezwhatsapp/events.ts';
import type { Sent } from '../shared/people/people.ts';
import { wordsOf } from '../shared/wording/words.ts';
import type { EscalationConfig } from './config.ts';

/**
 * What an answer to a reminder is told by. Phrases as `oneOf` reads them; `*` is the rest of a word, or its beginning, and `…` up to
 * four words.
 */
interface Answers {
  /** To cancel or to move, in every form of the word. */
  readonly change: readonly string[];
  /** What turns it around where it stands right before: "no need to". */
  readonly kept: readonly string[];
  /** What only looks like one of the others: "can't wait". */
  readonly innocent: readonly string[];
  /** Not coming, another time, being ill. */
  readonly other: readonly string[];
}

const ANSWERS: readonly Answers[] = [
  {
    change: [
      'cancel/cancels/canceled/cancelled/canceling/cancelling/cancellation/cancle/cansel/*reschedul*/resched/reshedul*/rearrange/rebook/postpon*/call_it_off',
      'move/change/switch/swap/shift/push/delay it/this/me/us/to/forward/back',
      'move/change/switch/swap/shift/push/delay the/my/our/ appointment*/appt/booking/meeting/session/visit/slot/time/date/day',
      'can/could/may i/we/you/u /please/ move/change/delay',
      'be/it moved/changed',
    ],
    kept: [
      "not/dont/wont/never/neednt/without/didnt/havent/wouldnt/isnt/shouldnt/doesnt want_to/wanna/need_to/have_to/want_you_to/going_to/gonna/planning_to/planning_on/think_i'll/think_i_will/be/to/",
      'no need_to/reason_to/plans_to',
      'thanks/thank_you/thx for /the/my/our/',
    ],
    innocent: ['cant/cannot wait', 'not/wont/never /be/ late/miss/forget/change_my_mind', 'dont/not change anything'],
    other: [
      "cant/cannot/can_not/wont/will_not/couldnt/unable_to/not/dont_think/doubt/no_longer /if/ /i/we/ /can/will/'ll/going_to/gonna/ /be_able_to/able_to/be/ /unfortunately/actually/today/tomorrow/ make_it/make_this/make_that/make_the/make_my/make_today/make_tomorrow/come/coming/there/attend/get_there/manage/arrive/join/available",
      'cant/cannot/can_not/wont/not /do/ today/tomorrow/on_*day/anymore/this_week/this_time',
      'i/we cant/cannot unfortunately/sorry/now/do',
      'wont/not be able',
      'doesnt/does_not/wont/not work/suit/convenient/a_good_time/good_for_me/feel*_well/possible_for_me',
      'no_show/something_came_up/something_has_come_up/stuck_at_work/*day_instead/anything_later/anything_earlier/sick/unwell/covid/flu/fever',
      'another/different/other/alternative/later/earlier time/day/date/slot/hour/appointment/week',
      'can/could/may i/we come/do/make_it/meet/have_it /it/ /on/at/for/ next/*day/tomorrow/later/earlier/another',
      'how_about/what_about/does/would/rather/prefer *day/tomorrow/next_week/later/earlier',
      "am/i'm/im/feel/feeling ill",
    ],
  },
  {
    change: [
      '*בטל*/*ביטול*/לדחות/*דחייה/*דחיה/תדחה/תדחי/תדחו/נדחה/אדחה/דוחה/*הזיז*/תזיז*/נזיז/אזיז/מזיז*/לשנות/תשני/תשנו/נשנה/*שינוי/להקדים/תקדימ*/נקדים/*קבוע_מחדש/נקבע_מחדש',
      'להעביר/תעביר*/נעביר /לי/לנו/ את_התור/את_הפגישה/את_זה/אותו/ליום/לשבוע/למועד/לשעה',
    ],
    kept: [
      'לא/אל/בלי/אין צורך/סיבה/כוונה/צריכ*/צריך/רוצ*/מתכוונ*/מתכוון/מתכננ*/מבקש*/חייב*/הולכ*/עומד*/חושב*/לי_צורך/נא/',
      'תודה על',
    ],
    innocent: ['לא יכול* לחכות'],
    other: [
      'לא/אין_אפשרות/אין_לי_אפשרות/אין_סיכוי/קשה_לי /יכול*/אוכל/נוכל/אצליח/נצליח/מצליח*/יודע*_אם/בטוח*/חושב*/נראה_לי/כבר/ /היום/מחר/לצערי/כנראה/ להגיע/לבוא/מגיע*/*אגיע/*נגיע/*אבוא/*נבוא/באה/באים/אהיה/נהיה/זמינ*',
      'לא יכול*/אוכל/נוכל/אצליח/נצליח/מצליח*/אספיק/נספיק/מסתדר*/יסתדר/מתאימ*/מתאים/מתאפשר/יוצא/נוח/רלוונטי/מרגיש*',
      '*מועד/*יום/*שעה/*תור/*זמן/*תאריך/*פעם/*שבוע אחר/אחרת/אחרים',
      'אפשר/ניתן/אולי/עדיף/מה_לגבי/מה_עם /לי/לבוא/להגיע/לקבוע/תור/שנקבע/ *שבוע_הבא/*יום_*/*מחרתיים/מחר/*מאוחר_יותר/*יותר_מאוחר/*מוקדם_יותר/*יותר_מוקדם',
      'חולה/חליתי/יש_לי_חום/צץ_לי',
    ],
  },
  {
    change: [
      '*إلغاء*/ألغي*/ألغوا*/*نلغي*/*تلغي*/*تلغوا*/بلغي/*كنسل*/*تأجيل*/أجلوا*/أؤجل*/*نؤجل*/تؤجل*/*نأجل*/أأجل*/تأجلي/تأجلو*/بأجل/*جدولة/نغيره',
      'أجل/تغيير/أغير/نغير/تغيروا/تغير/نقل/ننقل/أنقل/تقديم/نقدم/تبديل *موعد*/*وقت/*يوم/*ساعة/*جلسة',
    ],
    kept: [
      'لا/لن/لم/ما/مش/مو/ليس/بدون/غير أريد/نريد/أرغب/أود/بدي/بدنا/عايز*/عاوز*/أحتاج/نحتاج/يحتاج/داعي/حاجة/أنوي/سوف/راح/رح/ناوي*/ضرورة/لازم/ /أن/إلى/في/',
      'شكرا على',
    ],
    innocent: ['لا/لن/ما/مش *ستطيع/يمكنني/أقدر/بقدر/قادر* /على/ *انتظار/أستنى'],
    other: [
      'لا/لن/لم/ما/مش/مو/غير/صعب/يصعب/تعذر/مستحيل /*ستطيع/يمكنن*/*تمكن/*قدر/قادر*/رح/راح/أعتقد/أظن/متأكد*/علي/اليوم/ /*قدر/اليوم/غدا/بكرة/أن/من/على/أني/ *حضور*/أحضر/نحضر/آتي/نأتي/*أجي/اجي/*نيجي/هاجي/*مجيء/جاي*/قادم*/أكون/موجود*/أوصل/*وصول/*قدوم',
      'لا/لن/ما/مش/مو/غير *ستطيع/*قدر/قادر*/*تمكن/يمكنن*/*ناسبن*/مناسب/ينفع',
      '*موعد*/*يوم*/*وقت*/مرة/ساعة/*أسبوع آخر/أخرى/ثاني*/تاني*/بديل/مختلف',
      'ممكن/يمكن/ينفع/هل /أن/أجي/آتي/نيجي/ *أسبوع_القادم/*أسبوع_الجاي/*أسبوع_المقبل/يوم_ال*/غدا/بكرة/لاحقا/بعدين',
      'مريض*/تعبان*/أعتذر_عن/نعتذر_عن/ظرف_طارئ',
    ],
  },
  {
    change: [
      'отмени*/отменя*/отмена/отмену/отмены/перенес*/перенос*/*сдвин*/перезапи*/перепиш*/аннулир*/отлож*/отказаться/отказываюсь',
      'изменить/поменять/сменить/снимите/уберите /мою/меня_с/ время/запись/записи/дату/день',
    ],
    kept: [
      'не/без/незачем/нет_необходимости/нет_нужды/нет_смысла надо/нужно/хоч*/хотим/хотел*/буд*/собира*/планиру*/стоит/требуется/приходится/думаю/ /ее/запись/ничего/',
      'спасибо за',
    ],
    innocent: ['отмен*/перено* не надо/нужно/буд*', 'не могу/можем/терпится ждать/дожд*/найти/дозвониться'],
    other: [
      'не/вряд_ли/нет_возможности/невозможно /смо*/мог*/можем/получ*/успе*/буду/удастся/ /сегодня/завтра/уже/ прид*/прий*/приед*/приех*/подой*/подъе*/пойд*/попа*/явит*/иду/еду/быть',
      'не смо*/могу/можем/получ*/успе*/удастся/выйдет/подходит/подойдет/устраивает/удобно',
      'меня/нас /завтра/сегодня/ не_будет',
      'друго*/другую/другая день/время/дату/дата/раз/дня/часы/неделю/запись',
      'можно/нельзя/давайте/лучше /ли/ /мне/нам/ /прийти/записаться/ /на/в/ следующ*/понедельник/вторник/среду/четверг/пятницу/субботу/воскресенье/завтра/*позже/*раньше',
      'болею/*заболел*/приболел*/болен/больна/температура',
    ],
  },
  {
    change: [
      'cancelar*/cancela/cancelamos/cancelación/cancelo/cancele/cancelen/cancelem/anular*/anule*/anulo/aplazar*/aplazo/aplace*/aplazamos/pospon*/reprogramar*/reprograma/reprogramen/reagendar*/reagende*/remarcar*/remarque*/desmarcar*/desmarca/desmarque*/desmarco/adiar*/adiamos/adie*/cambiarla/cambiarlo/moverla/moverlo',
      'mover/cambi*/mudar/muda/mueve*/adelantar/antecipar/trocar/alterar/modificar/pasar/passar /me/a/o/de/la/el/mi/minha/meu/para/ cita/consulta/horário/hora/día/fecha/data/turno/sesión/sessão/reserva/otro/otra/outro/outra',
      'puedo/podemos/pod*ia*/se_puede/posso/dá_para/dá_pra/tem_como mover/cambiar/mudar/adelantar/antecipar/trocar',
    ],
    kept: [
      'no/não/n/sem/sin/ni/nunca/tampoco /la/lo/me/ /quiero/queremos/voy_a/vamos_a/necesito/necesita/hace_falta/es_necesario/tengo_que/pienso/hay_que/deseo/quisiera/quero/queremos/vou/vamos/preciso/precisa/é_necessario/há_necessidade_de/hay_necesidad_de/tenho_que/pretendo/ /la/o/me/',
      'gracias/obrigad* por/pela/pelo /la/el/a/o/',
    ],
    innocent: [
      'no/não puedo/podemos/posso/consigo esperar',
      'no/não /me/vou/voy_a/vamos/vamos_a/ /me/ *olvid*/esquec*/falt*/*atras*/lleg*_tarde/demorar',
    ],
    other: [
      'no/não/imposible/impossível/difícil /creo_que/acho_que/sé_si/sei_se/ /me_es/nos_es/será/va_a_ser/es/é/ /pued*/podr*/pode*/voy_a/vamos_a/voy_a_poder/alcanzo_a/posible/posso/vou/vou_poder/vou_conseguir/vamos/vamos_conseguir/consigo/possível/ /hoy/mañana/hoje/amanhã/mais/más/ ir/asistir/venir/llegar/acudir/voy/vamos/vou/ire*/irei/llego/asistiré/estaré/estar/comparecer/chegar/vir',
      'no/não puedo/podr*/pode*/alcanzo/posso/consigo/conseguirei/vai_dar/dá/estarei/me_viene_bien/me_sirve/me_va_bien/vou_poder/vou_conseguir',
      'otro/otra/outro/outra día/hora/horario/momento/fecha/data/cita/consulta/vez/semana',
      'pod*ia*/puede_ser/se_puede/posible/pode_ser/dá_para/dá_pra/tem_como/mejor/melhor /ser/ir/vir/venir/ /el/la/a/na/en/em/para/para_el/ lunes/martes/miércoles/jueves/viernes/sábado/segunda/terça/quarta/quinta/sexta/próxima/mañana/amanhã/más_tarde/mais_tarde/más_temprano/mais_cedo',
      'enferm*/doente/fiebre/febre/gripe/imprevisto/me_siento_mal/surgió',
    ],
  },
  {
    change: [
      'annul*/reporter*/reporte*/repouss*/décal*/déplacer/déplacez/déplaçons/modifier/modifiez',
      'changer/changez/avancer/bouger/déplace /de/le/la/mon/l/ rendez_vous/rdv/date/jour/heure/horaire/créneau',
      'peut_on/puis_je/on_peut/pouvons_nous/pouvez_vous changer/avancer/bouger',
    ],
    kept: [
      'ne/n/pas/sans/aucun*/jamais/inutile /le/la/besoin/nécessaire/utile/la_peine/envie/intention/raison/ /de/d/ /le/l/rien/',
      'merci pour l/le/la',
    ],
    innocent: [
      'annul*/report*/décal*/déplac* /le/mon/rien/surtout/ /rdv/rendez_vous/ pas',
      'peux/peut/pouvons/oubli*/manqu* pas attendre/de/d',
      'pas /en/ retard/problème/souci',
    ],
    other: [
      'pas/plus/impossible/impossibilité/difficile/compliqué /pouvoir/possible/sûr*/en_mesure/ /pour_moi/ /de/d/ venir/être/y_être/me_rendre/honorer/assister/me_déplacer/là/dispo*/me_libérer/aller',
      'viens/viendr*/vient/venons/serai/serons/arriver*/peux/pourr*/peut/pouvons/arrange/convient /malheureusement/finalement/ pas/plus',
      'pas possible/dispo*/bien',
      'autre* rendez_vous/rdv/jour/date/heure/moment/fois/créneau/horaire/semaine',
      'peut_on/puis_je/possible/pourrait_on/pouvons_nous/plutôt/mieux /se_voir/venir/ /à/la/ semaine_prochaine/*di/demain/plus_tard/plus_tôt',
      'malade*/fièvre/grippe/empêch*/contretemps/imprévu/souffrant*',
    ],
  },
  {
    change: [
      '*absag*/abzusagen/stornier*/storno/*verschieb*/verschoben_werden/verlegen/legen/verlege/umbuch*/umzubuchen/vorziehen/canceln',
      'sage/sag/sagen/sagt … ab',
      'termin/uhrzeit/zeit/ihn /bitte/leider/ ändern/tauschen/streichen/löschen',
    ],
    kept: [
      'nicht/kein*/nie/ohne/nichts /zu/mehr/den/meinen/grund/anlass/ihn/es/ /termin/zum/',
      'danke/dank für das/die',
    ],
    innocent: [
      'sage/sag/sagen/sagt … nicht … ab',
      '*verschieb*/verlege*/stornier* /sie/wir/ /den/ihn/das/ /termin/ /bitte/ nicht',
      '*vergess* … nicht',
      'nicht /zu/ /mehr/ *warten/vergessen/spät/später/verpassen',
    ],
    other: [
      'nicht /mehr/leider/heute/morgen/ kommen/teilnehmen/wahrnehmen/dabei/schaffen/erscheinen/da/möglich/einhalten',
      'komme*/kommt/schaff*/kann/könn*/klappt/geht/passt/bin/sind/werde* … nicht',
      'ander*/späteren/früheren/alternativ* termin/tag/zeit/uhrzeit/mal/datum/woche',
      'kann/könn*/ginge/geht_es/möglich/lieber/besser/wäre /ich/wir/man/es/ /es/uns/auch/ /am/auf/nächsten/erst/ nächste*_woche/*tag/mittwoch/morgen/später/früher',
      'ein_andermal/krank/erkrankt/krankgeschrieben/erkältet/fieber/grippe/verhindert/*dazwischen*',
    ],
  },
];

const wordPattern = (word: string): string =>
  word === '…'
    ? '(?:\\S+ ){0,4}'
    : `${word
        .split('*')
        .map((part) => wordsOf(part).join(' '))
        .join('\\S*')} `;

/** As `oneOf`, with stems: each word with a space behind it, built of letters and digits alone. */
const anyOf = (phrases: readonly string[]): string => {
  const alternative = (words: string): string => words.split('_').filter(Boolean).map(wordPattern).join('');
  const places = (phrase: string): string =>
    phrase
      .trim()
      .split(/\s+/u)
      .map((place) => `(?:${place.split('/').map(alternative).join('|')})`)
      .join('');
  return `(?:${phrases.map(places).join('|')})`;
};

const READERS = ANSWERS.map(({ change, kept, innocent, other }) => ({
  kept: new RegExp(` (?:${anyOf(kept)}${anyOf(change)}|${anyOf(innocent)})`, 'gu'),
  said: new RegExp(` (?:${anyOf(change)}|${anyOf(other)})`, 'u'),
}));

/** "Not" reaches no further than to these. */
const ENDS_OF_CLAUSES = /[.,!?;:\n…،؛؟()–—]| - /u;

/** "Can't" as whoever is in a hurry writes it. */
const NT = /n['’]t\b/giu;

const isAnswer = (clause: string): boolean => {
  const words = wordsOf(clause.replace(NT, 'nt')).reduce((text, word) => `${text}${word} `, ' ');
  return READERS.some(({ kept, said }) => said.test(words.replace(kept, ' ')));
};

/** Whoever writes more has more to say. */
const MAX_CHARACTERS = 400;

/** Reminders go out days before at most, and what comes later is about something else. */
const ANSWERED_WITHIN_MS = 72 * 3600_000;
const CLOCKS_MS = 60_000;

/** Whether a message says to cancel or to move, or that its writer is not coming, whatever the reasons around it. */
export const cancelsOrMoves = ({ text }: MessageItem): boolean =>
  text !== undefined && text.length <= MAX_CHARACTERS && text.split(ENDS_OF_CLAUSES).some(isAnswer);

/** Whether what was sent to its writer last was a reminder that it can be the answer to. */
export const followsReminder = (
  { at }: MessageItem,
  sent: Sent | undefined,
  { reminders = [] }: Pick<EscalationConfig, 'reminders'>,
): boolean => {
  if (!sent || !reminders.includes(sent.template)) return false;
  const later = Date.parse(at) - Date.parse(sent.at);
  return later >= -CLOCKS_MS && later <= ANSWERED_WITHIN_MS;
};
