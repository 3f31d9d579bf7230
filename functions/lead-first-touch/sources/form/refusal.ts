import { type Answer, isLike } from '../../../shared/door/answers.ts';
import { type ConsentAnswer, NOT_ANSWERED } from '../../../shared/door/consent.ts';
import { agrees, choicesOf, isNegative } from '../../../shared/door/yes-or-no.ts';
import { parseJson } from '../../../shared/runtime/json.ts';
import type { ConsentRule } from '../../form-settings.ts';
import type { Tree } from './body.ts';
import { isTree } from './shapes.ts';

/** How a true looks on its way through a form. */
const TRUE = ['true', 'yes', 'on', '1', 'checked'];
/** Where GoHighLevel's contact does not want to be written to. Its API and its hooks write the word in either case. */
const BLOCKED = ['active', 'permanent'];

const refused = (field: string, value: string): ConsentAnswer => ({ field, value, refused: true });

/** What stands under a name in whatever case: GoHighLevel's own, or as somebody typed it into a hook. */
const inAnyCase = (tree: unknown, name: string): unknown[] =>
  isTree(tree) ? Object.entries(tree).flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : [])) : [];

/** A merge field puts an object into a hook as JSON text. */
const read = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  try {
    return parseJson(value);
  } catch {
    return value;
  }
};

/** GoHighLevel: `dnd` for everything, `dndSettings` for each channel. */
const doNotDisturb = (tree: unknown): ConsentAnswer | undefined => {
  if (inAnyCase(tree, 'dnd').some((dnd) => agrees(choicesOf(dnd), TRUE))) return refused('dnd', 'true');
  const blocked = inAnyCase(tree, 'dndsettings')
    .flatMap((settings) => inAnyCase(read(settings), 'whatsapp'))
    .flatMap((channel) => (isTree(channel) ? inAnyCase(channel, 'status') : [channel]))
    .flatMap(choicesOf)
    .find((status) => BLOCKED.includes(status.toLowerCase()));
  return blocked === undefined ? undefined : refused('dndSettings.WhatsApp', blocked);
};

const OWN = 'consent.whatsapp';

/** Our own contract, by that very name: true, or what a rule of that very question calls a yes. */
const ownNo = (answers: readonly Answer[], { fields, values }: ConsentRule): ConsentAnswer | undefined => {
  const own = answers.filter(({ names }) => names.some((name) => name.toLowerCase() === OWN));
  const isAsked = fields.some((field) => isLike(OWN, field));
  const yes = isAsked ? [...TRUE, ...values.filter((value) => !isNegative(value))] : TRUE;
  const no = own.map(({ value }) => choicesOf(value)).find((given) => !agrees(given, yes));
  return no && refused(OWN, no.join('\n') || NOT_ANSWERED);
};

/** What in a post is a no whatever the client file says, or undefined. */
export const refusalIn = (tree: Tree, answers: readonly Answer[], rule: ConsentRule): ConsentAnswer | undefined => {
  const hook = [tree, ...inAnyCase(tree, 'contact'), ...inAnyCase(tree, 'customdata')];
  return ownNo(answers, rule) ?? hook.map(doNotDisturb).find((no) => no !== undefined);
};
