import type { MessageItem } from '../shared/ezwhatsapp/events.ts';
import { isMadeOf, oneOf } from '../shared/people/opt-out.ts';
import { wordsOf } from '../shared/wording/words.ts';

/** What ends a talk and asks for nothing, as `oneOf` reads it. "Yes" and "no" are none: they answer a question, and somebody acts on them; "no thanks" leaves nothing to do. */
const COURTESY = oneOf([
  '/no thanks/thank_you/thank_u/thankyou/thx/tnx/ty/tysm/cheers a_lot/so_much/very_much/again/all/everyone/ in_advance/for_your_help/for_all_your_help/for_everything/for_the_reminder/for_your_time/for_letting_me_know/',
  'many_thanks/thanks_a_million/much_appreciated/appreciate_it/i_appreciate_it/ok/okay/k/great/perfect/cool/nice/super/awesome/excellent/wonderful/lovely',
  "got_it/noted/understood/will_do/sounds_good/all_good/you're_welcome/youre_welcome/you_are_welcome/np/no_problem",
  'have_a_nice_day/have_a_great_day/good_night/bye/goodbye/see_you/see_you_soon/see_you_then/see_you_tomorrow/happy_holidays/happy_holiday/happy_new_year/merry_christmas/shabbat_shalom/have_a_good_day/have_a_good_weekend/have_a_nice_weekend/you_too',
  '/לא תודה/תודות רבה/רבה_רבה/ לכם/לך/ על_הכל/על_העזרה/על_התזכורת/על_העדכון/מראש/מקרב_לב/',
  'המון_תודה/אוקי/אוקיי/אוקי_תודה/או_קיי/סבבה/מעולה/מצוין/מצויין/יופי/נהדר/מושלם/אחלה/הבנתי/קיבלתי/בסדר/בסדר_גמור/טוב/אין_בעיה/בכיף/ביי/להתראות/נתראה/לילה_טוב/יום_טוב/שבת_שלום/חג_שמח/חג_שמח_לכם/חגים_שמחים/חג_כשר_ושמח/שנה_טובה/שבוע_טוב/סופש_נעים/יום_נעים/גם_לכם/גם_לך/מועדים_לשמחה',
  '/لا شكرا/مشكور/مشكورين/تسلم/تسلمي/تسلموا جزيلا/كثيرا/كتير/ لك/لكم/ على_كل_شيء/على_المساعدة/على_التذكير/مقدما/سلفا/',
  'ألف_شكر/عيد_سعيد/عيد_مبارك/رمضان_كريم/رمضان_مبارك/كل_عام_وأنتم_بخير/جمعة_مباركة/جزاك_الله_خيرا/يعطيك_العافية/تمام/حسنا/ممتاز/طيب/أوك/أوكي/اوكي/ماشي/فهمت/وصل/عفوا/مع_السلامة/تصبح_على_خير',
  '/нет/не_надо спасибо/благодарю вам/тебе/ большое/огромное/ вам/тебе/ заранее/за_все/за_помощь/за_напоминание/',
  'заранее_спасибо/большое_спасибо/огромное_спасибо/с_праздником/с_новым_годом/с_рождеством/хорошего_дня/хорошего_вечера/хороших_выходных/шабат_шалом/спс/ок/окей/хорошо/отлично/понял/поняла/понятно/ясно/супер/прекрасно/ладно/пожалуйста/до_свидания/доброй_ночи',
  '/no gracias/muchas_gracias/mil_gracias/muchísimas_gracias a_ti/a_usted/a_ustedes/ por_todo/por_su_ayuda/por_tu_ayuda/por_el_recordatorio/por_avisar/de_antemano/por_adelantado/',
  'vale/de_acuerdo/perfecto/genial/excelente/estupendo/listo/entendido/muy_bien/bueno/de_nada/adiós/hasta_luego/hasta_mañana/buenas_noches/felices_fiestas/feliz_navidad/feliz_año/feliz_año_nuevo/feliz_día/buen_fin_de_semana/igualmente',
  "/non merci/merci_à_vous/mille_mercis/un_grand_merci beaucoup/bien/infiniment/encore/ à_vous/à_toi/pour_tout/d'avance/par_avance/pour_votre_aide/pour_le_rappel/",
  "d'accord/dac/parfait/super/génial/très_bien/c'est_noté/bien_reçu/compris/entendu/de_rien/au_revoir/bonne_journée/bonne_soirée/bonne_nuit/bon_week_end/bonnes_fêtes/joyeuses_fêtes/joyeux_noël/bonne_année/à_demain/à_vous_aussi/vous_aussi/à_bientôt",
  '/nein danke/vielen_dank/vielen_lieben_dank/lieben_dank/besten_dank/herzlichen_dank/tausend_dank schön/schon/sehr/vielmals/nochmal/nochmals/ dir/ihnen/euch/ für_alles/für_die_hilfe/für_ihre_hilfe/für_die_erinnerung/im_voraus/',
  'ich_danke_ihnen/frohe_weihnachten/frohe_feiertage/schöne_feiertage/schöne_festtage/frohes_neues_jahr/frohe_ostern/schönes_wochenende/ebenfalls/gleichfalls/alles_klar/gut/passt/perfekt/prima/klasse/toll/verstanden/in_ordnung/gerne/bitte_schön/tschüss/bis_dann/bis_morgen/gute_nacht/schönen_tag',
  '/não/nao/muito/muitíssimo obrigado/obrigada/obg/brigado/brigada/valeu/vlw mesmo/demais/ por_tudo/pela_ajuda/pelo_lembrete/pela_atenção/desde_já/',
  'tá_bom/está_bom/beleza/blz/perfeito/ótimo/certo/entendi/combinado/tudo_bem/tudo_certo/de_nada/tchau/até_logo/até_amanhã/boa_noite/boas_festas/feliz_natal/feliz_ano_novo/feliz_páscoa/bom_dia_para_você/bom_fim_de_semana/igualmente/desde_já_obrigado/desde_já_obrigada',
]);

/** A thumb and its like, without the shade of the skin. A thumb down is none. */
const SIGNS = /[👍👌🙏❤🧡💛💚💙💜🖤🤍🤎💖💕💗💓💞😊🙂☺😀😃😄😁😆😍🥰😘🤗😇😉👏🎉🌹🌸🌷🌻💐💪✅✔💯🤝🙌🫶✨⭐🌟😎🤩🥳]/gu;
const SHADES = /[\u{1f3fb}-\u{1f3ff}\ufe0e\ufe0f\p{Cf}]/gu;
const ASKS = /[?？؟¿]/u;
/** Of "thanks, 🆘" something is left. */
const WORDS_AND_POINTS = /[\p{L}\p{N}\p{M}\p{P}\s]/gu;

/** Whether a message asks nothing of anybody: a sticker, thanks, an "ok", a thumb, and nothing else. */
export const isCourtesy = ({ type, text }: MessageItem): boolean => {
  if (type === 'sticker') return true;
  if (type !== 'text' || text === undefined || ASKS.test(text)) return false;
  const plain = text.replace(SHADES, '');
  const unsigned = plain.replace(SIGNS, '');
  if (unsigned.replace(WORDS_AND_POINTS, '') !== '') return false;
  const words = wordsOf(unsigned);
  return words.length === 0 ? unsigned !== plain : isMadeOf(words, COURTESY, undefined);
};
