import type { MessageItem } from '../shared/ezwhatsapp/events.ts';
import { AROUND_A_STOP, isMadeOf, oneOf } from '../shared/people/opt-out.ts';
import type { Sent } from '../shared/people/people.ts';
import { wordsOf } from '../shared/wording/words.ts';
import type { EscalationConfig } from './config.ts';

/** What cancels or moves an appointment, as `oneOf` reads it. Without a reminder before it, it says nothing of one. */
const ANSWERS = oneOf([
  'cancel/canceled/cancelled/cancelling/canceling/reschedule/move/postpone/change it/this/appointment/the_appointment/my_appointment/',
  "i/we/ want_to/need_to/have_to/must/would_like_to/'d_like_to/got_to/may_have_to cancel/reschedule/move/postpone/change it/appointment/the_appointment/my_appointment/our_appointment/",
  'can/could/may i/we/you cancel/reschedule/move/postpone/change it/this/appointment/the_appointment/my_appointment/our_appointment/',
  "is_it_possible_to/possible_to/how_do_i/how_can_i/i'd_rather/let's cancel/reschedule/move/postpone/change it/the_appointment/my_appointment/",
  'can_it_be/can_we_do moved/postponed/rescheduled/another_day/another_time/a_different_day/a_different_time',
  "i/we/ can't/cant/cannot/can_not/won't/will_not/couldn't/wont/won't_be_able_to/unable_to/am_unable_to make_it/come/attend/be_there/get_there",
  "no_show/not_coming/i_am_not_coming/i'm_not_coming/im_not_coming/we_are_not_coming/i'm_not_able_to_make_it/another_time_please",
  'לבטל/ביטול/בטל/בטלו/תבטל/תבטלי/תבטלו/מבטל/מבטלת/להזיז/לדחות/דחייה/לשנות/תזיזו/תדחו את_התור/תור/התור/את_הפגישה/פגישה/את_זה/',
  'אני/אנחנו/ רוצה/רוצים/צריך/צריכה/צריכים/מבקש/מבקשת/חייב/חייבת/אפשר/ניתן/אשמח/נוכל/אוכל/תוכלו/אפשרי/האם_אפשר/יש_אפשרות/איך_אפשר לבטל/להזיז/לדחות/לשנות/לקבוע_מחדש את_התור/תור/התור/את_הפגישה/את_זה/',
  'לא/אני_לא/אנחנו_לא מגיע/מגיעה/מגיעים/אגיע/נגיע/יכול/יכולה/יכולים/אוכל/נוכל/אצליח/נצליח להגיע/לבוא/',
  'אפשר/ניתן/האם_אפשר מועד_אחר/יום_אחר/שעה_אחרת/תור_אחר/בזמן_אחר/בשעה_אחרת/ביום_אחר',
  'إلغاء/ألغ/ألغي/ألغوا/الغاء/الغي/تأجيل/أجل/أجلوا/تغيير/نقل الموعد/موعد/موعدي/',
  'أريد/بدي/عايز/أحتاج/أحتاج_إلى/لازم/ممكن/هل_يمكن/هل_يمكنني/يمكن/هل_ممكن/أود إلغاء/الغاء/ألغي/نلغي/تأجيل/أجل/نأجل/نؤجل/تغيير/أغير/نغير/نقل الموعد/موعدي/',
  'لن/لا_أستطيع/لا_يمكنني/ما_بقدر/مش_قادر/مش_هقدر/لن_أتمكن_من/لن_أستطيع/ما_رح_أقدر أحضر/الحضور/أجي/آجي/المجيء/أن_أحضر',
  'مش_جاي/مش_جاية/مو_جاي/لن_آتي/موعد_آخر/ممكن_موعد_آخر/ممكن_يوم_آخر',
  'отменить/отмена/отмените/отменяю/перенести/перенос/перенесите/перенесём запись/визит/приём/',
  'хочу/хотел_бы/хотела_бы/нужно/надо/можно/можно_ли/могу_ли_я/можем_ли_мы/мне_нужно/мне_надо/придётся/давайте/а_можно отменить/перенести/сдвинуть/перенесём запись/визит/приём/её/',
  'можно на_другой_день/на_другое_время/в_другой_день/в_другое_время',
  'я/мы/ не приду/придём/смогу/сможем/смогу_прийти/сможем_прийти/получится/получится_прийти/успеваю/успею',
  'cancelar/cancela/cancelen/cancelo/anular/anulo/mover/cambiar/reprogramar/aplazar/posponer la_cita/mi_cita/cita/',
  'quiero/necesito/quisiera/puedo/podemos/podría/podríamos/se_puede/es_posible/tengo_que/debo/me_gustaría/pueden cancelar/anular/mover/cambiar/reprogramar/aplazar/posponer/cambiarla/moverla/cancelarla la_cita/mi_cita/',
  'no puedo/podré/podremos/podemos/voy_a/voy_a_poder/llego/iré/alcanzo ir/asistir/venir/llegar/',
  'podemos/puedo/puede_ser otro_día/a_otra_hora/en_otro_momento/para_otro_día',
  "annuler/annule/annulez/annulation/j'annule/déplacer/reporter/décaler/changer le_rendez_vous/mon_rendez_vous/rdv/le_rdv/mon_rdv/",
  "je_veux/je_voudrais/je_souhaite/je_dois/je_peux/puis_je/est_ce_que_je_peux/peut_on/on_peut/pouvons_nous/pouvez_vous/est_il_possible_de/est_ce_possible_de/c'est_possible_de/possible_de/possible_d/il_faut/j'aimerais/j'ai_besoin_de/j'ai_besoin_d annuler/déplacer/reporter/décaler/changer le_rendez_vous/mon_rendez_vous/le_rdv/mon_rdv/",
  'je_ne_peux_pas/je_peux_pas/je_ne_pourrai_pas/je_pourrai_pas/je_ne_peux_plus/on_ne_peut_pas venir/être_là/me_déplacer/y_être',
  'je_ne_viens_pas/je_ne_viendrai_pas/je_viens_pas/je_ne_serai_pas_là/un_autre_jour/une_autre_heure/une_autre_date',
  'absagen/absage/stornieren/storno/verschieben/verlegen/umbuchen den_termin/meinen_termin/termin/',
  'termin/den_termin/meinen_termin absagen/stornieren/verschieben/verlegen/umbuchen',
  'ich_möchte/ich_muss/muss/ich_will/ich_würde_gern/ich_würde_gerne/kann_ich/können_wir/könnten_wir/kann_man/könnte_ich/können_sie/ist_es_möglich den_termin/meinen_termin/unseren_termin/termin/ihn/das/es/ absagen/stornieren/verschieben/verlegen/umbuchen/zu_verschieben/zu_verlegen/abzusagen',
  'ich/wir/ kann/können/komme/schaffe_es/schaffen_es leider/heute/morgen/heute_leider/leider_heute/morgen_leider/leider_morgen/ nicht kommen/',
  'wir_kommen leider/heute/morgen/heute_leider/leider_heute/ nicht',
  'cancelar/cancela/cancelem/desmarcar/desmarca/remarcar/adiar/mudar/reagendar a_consulta/minha_consulta/consulta/o_horário/',
  'quero/preciso/gostaria_de/posso/podemos/poderia/poderíamos/dá_para/da_pra/dá_pra/tem_como/é_possível/queria/tenho_que/vou_ter_que/vamos cancelar/desmarcar/remarcar/adiar/mudar/reagendar a_consulta/minha_consulta/o_horário/',
  'não posso/vou/poderei/consigo/vou_conseguir/vou_poder/conseguirei/podemos/vamos_conseguir ir/comparecer/chegar/vir',
  'não_vou/não_irei/pode_ser_outro_dia/outro_dia/outro_horário/pode_ser_outro_horário',
]);

/** What stands around it and changes nothing: the day, a sorry, a reason that is none. */
const AROUND = oneOf([
  'today/tomorrow/tonight/this_morning/this_afternoon/this_time/for_today/unfortunately/i_am_sorry/im_sorry/so_sorry/really/actually/good_morning/to_another_day/to_another_time/to_another_date/for_another_day/another_day',
  'היום/מחר/הערב/הבוקר/לצערי/מצטער/מצטערת/מצטערים/בוקר_טוב/ערב_טוב/ליום_אחר/למועד_אחר/לשעה_אחרת/לפעם_אחרת/למחר/ממש',
  'اليوم/غدا/بكرة/للأسف/آسف/آسفة/عذرا/معذرة/صباح_الخير/مساء_الخير/إلى_يوم_آخر/ليوم_آخر/لوقت_آخر',
  'сегодня/завтра/к_сожалению/извините/простите/доброе_утро/добрый_вечер/на_другой_день/на_другое_время/на_другую_дату',
  'hoy/mañana/lo_siento/perdón/disculpe/disculpa/disculpen/lamentablemente/buenas/buenas_tardes/para_otro_día/a_otro_día/a_otra_hora',
  "aujourd'hui/demain/ce_matin/cet_après_midi/ce_soir/désolé/désolée/malheureusement/pardon/excusez_moi/à_un_autre_jour/à_une_autre_date/à_plus_tard/finalement",
  'heute/morgen/leider/entschuldigung/sorry/tut_mir_leid/guten_morgen/auf_einen_anderen_tag/auf_morgen/doch',
  'hoje/amanhã/infelizmente/desculpe/desculpa/lamento/boa_noite/para_outro_dia/para_outro_horário/mais',
]);

const EITHER = new RegExp(`${AROUND_A_STOP.source}|${AROUND.source}`, 'u');

/** Whoever writes more has more to say. */
const MAX_CHARACTERS = 200;

/** Reminders go out days before at most, and what comes later is about something else. */
const ANSWERED_WITHIN_MS = 72 * 3600_000;
const CLOCKS_MS = 60_000;

/** Whether a message says to cancel or to move, and nothing else but politeness. */
export const cancelsOrMoves = ({ text }: MessageItem): boolean =>
  text !== undefined && text.length <= MAX_CHARACTERS && isMadeOf(wordsOf(text), ANSWERS, EITHER);

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
