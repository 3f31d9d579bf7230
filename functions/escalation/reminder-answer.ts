import type { MessageItem } from '../shared/ezwhatsapp/events.ts';
import { AROUND_A_STOP, isMadeOf, oneOf } from '../shared/people/opt-out.ts';
import type { Sent } from '../shared/people/people.ts';
import { wordsOf } from '../shared/wording/words.ts';
import type { EscalationConfig } from './config.ts';

/** What cancels or moves an appointment, as `oneOf` reads it. Without a reminder before it, it says nothing of one. */
const ANSWERS = oneOf([
  'cancel/canceled/cancelled/cancelling/canceling/reschedule/move/postpone/change it/this/appointment/the_appointment/my_appointment/',
  "i/ want_to/need_to/have_to/must/would_like_to/'d_like_to cancel/reschedule/move/postpone/change it/appointment/the_appointment/my_appointment/",
  "i/we/ can't/cant/cannot/can_not/won't make_it/come/make_it_today/make_it_tomorrow/come_today/come_tomorrow/be_there",
  'no_show/not_coming/i_am_not_coming',
  'לבטל/ביטול/בטל/בטלו/תבטל/תבטלי/תבטלו/מבטל/מבטלת/להזיז/לדחות/דחייה/לשנות/תזיזו/תדחו את_התור/תור/התור/את_הפגישה/פגישה/את_זה/',
  'אני/ רוצה/צריך/צריכה/מבקש/מבקשת לבטל/להזיז/לדחות/לשנות את_התור/תור/את_הפגישה/',
  'לא/אני_לא מגיע/מגיעה/אגיע/יכול/יכולה/אוכל להגיע/',
  'إلغاء/ألغ/ألغي/ألغوا/الغاء/الغي/تأجيل/أجل/أجلوا/تغيير/نقل الموعد/موعد/موعدي/',
  'أريد/بدي/عايز إلغاء/ألغي/تأجيل/تغيير الموعد/موعدي/',
  'لن_أحضر/لا_أستطيع_الحضور/مش_جاي/ما_بقدر_أجي',
  'отменить/отмена/отмените/отменяю/перенести/перенос/перенесите запись/визит/приём/',
  'хочу/нужно/надо/можно отменить/перенести запись/визит/приём/',
  'я/ не приду/смогу/смогу_прийти',
  'cancelar/cancela/cancelen/cancelo/anular/anulo/mover/cambiar/reprogramar/aplazar la_cita/mi_cita/cita/',
  'quiero/necesito/quisiera cancelar/anular/mover/cambiar/reprogramar/aplazar la_cita/mi_cita/',
  'no puedo/podré/voy_a ir/asistir/venir',
  "annuler/annule/annulez/annulation/j'annule/déplacer/reporter/décaler/changer le_rendez_vous/mon_rendez_vous/rdv/le_rdv/mon_rdv/",
  'je_veux/je_voudrais/je_souhaite/je_dois annuler/déplacer/reporter/décaler/changer le_rendez_vous/mon_rendez_vous/le_rdv/mon_rdv/',
  'je_ne_peux_pas/je_ne_pourrai_pas venir/être_là/',
  'absagen/absage/stornieren/storno/verschieben/verlegen/umbuchen den_termin/meinen_termin/termin/',
  'termin/den_termin/meinen_termin absagen/stornieren/verschieben/verlegen/umbuchen',
  'ich_möchte/ich_muss/muss den_termin/meinen_termin/termin/ absagen/stornieren/verschieben/verlegen/umbuchen',
  'ich_kann_nicht/kann_nicht/ich_komme_nicht kommen/',
  'cancelar/cancela/cancelem/desmarcar/desmarca/remarcar/adiar/mudar/reagendar a_consulta/minha_consulta/consulta/o_horário/',
  'quero/preciso/gostaria_de cancelar/desmarcar/remarcar/adiar/mudar/reagendar a_consulta/minha_consulta/o_horário/',
  'não posso/vou/poderei/consigo ir/comparecer',
]);

/** Whoever writes more has more to say. */
const MAX_CHARACTERS = 200;

/** Reminders go out days before at most, and what comes later is about something else. */
const ANSWERED_WITHIN_MS = 72 * 3600_000;
const CLOCKS_MS = 60_000;

/** Whether a message says to cancel or to move, and nothing else but politeness. */
export const cancelsOrMoves = ({ text }: MessageItem): boolean =>
  text !== undefined && text.length <= MAX_CHARACTERS && isMadeOf(wordsOf(text), ANSWERS, AROUND_A_STOP);

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
