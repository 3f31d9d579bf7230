import type { MessageItem } from '../shared/ezwhatsapp/events.ts';
import { isMadeOf, oneOf } from '../shared/people/opt-out.ts';
import { wordsOf } from '../shared/wording/words.ts';

/** What ends a talk and asks for nothing, as `oneOf` reads it. "Yes" and "no" are none: they answer a question, and somebody acts on them. */
const COURTESY = oneOf([
  'thanks/thank_you/thank_u/thankyou/thx/tnx/ty/tysm/cheers a_lot/so_much/very_much/again/all/everyone/for_your_help/for_everything/',
  'many_thanks/much_appreciated/appreciate_it/i_appreciate_it/ok/okay/k/great/perfect/cool/nice/super/awesome/excellent/wonderful/lovely',
  "got_it/noted/understood/will_do/sounds_good/all_good/you're_welcome/youre_welcome/you_are_welcome/np/no_problem",
  'have_a_nice_day/have_a_great_day/good_night/bye/goodbye/see_you/see_you_soon/see_you_then/see_you_tomorrow',
  'תודה/תודות רבה/רבה_רבה/רבה_לכם/רבה_לך/לכם/לך/על_הכל/על_העזרה/מראש/',
  'המון_תודה/אוקי/אוקיי/אוקי_תודה/או_קיי/סבבה/מעולה/מצוין/מצויין/יופי/נהדר/מושלם/אחלה/הבנתי/קיבלתי/בסדר/בסדר_גמור/טוב/אין_בעיה/בכיף/ביי/להתראות/נתראה/לילה_טוב/יום_טוב/שבת_שלום',
  'شكرا/مشكور/مشكورين/تسلم/تسلمي/تسلموا جزيلا/كثيرا/كتير/لك/لكم/',
  'شكرا_جزيلا_لك/شكرا_جزيلا_لكم/ألف_شكر/جزاك_الله_خيرا/يعطيك_العافية/تمام/حسنا/ممتاز/طيب/أوك/أوكي/اوكي/ماشي/فهمت/وصل/عفوا/مع_السلامة/تصبح_على_خير',
  'спасибо/благодарю большое/огромное/вам/тебе/',
  'спасибо_вам_большое/спс/ок/окей/хорошо/отлично/понял/поняла/понятно/ясно/супер/прекрасно/ладно/пожалуйста/до_свидания/доброй_ночи',
  'gracias/muchas_gracias/mil_gracias/muchísimas_gracias a_ti/a_usted/a_ustedes/por_todo/',
  'vale/de_acuerdo/perfecto/genial/excelente/estupendo/listo/entendido/muy_bien/bueno/de_nada/adiós/hasta_luego/buenas_noches',
  "merci beaucoup/bien/à_vous/à_toi/infiniment/pour_tout/d'avance/",
  "d'accord/dac/parfait/super/génial/très_bien/c'est_noté/bien_reçu/compris/entendu/de_rien/au_revoir/bonne_journée/bonne_soirée/bonne_nuit/à_bientôt",
  'danke schön/schon/sehr/vielmals/dir/ihnen/euch/',
  'vielen_dank/besten_dank/herzlichen_dank/tausend_dank/alles_klar/gut/passt/perfekt/prima/klasse/toll/verstanden/in_ordnung/gerne/bitte_schön/tschüss/bis_dann/bis_morgen/gute_nacht/schönen_tag',
  'obrigado/obrigada/obg/brigado/brigada/muito_obrigado/muito_obrigada/valeu/vlw',
  'tá_bom/está_bom/beleza/blz/perfeito/ótimo/certo/entendi/combinado/tudo_bem/tudo_certo/de_nada/tchau/até_logo/boa_noite',
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
