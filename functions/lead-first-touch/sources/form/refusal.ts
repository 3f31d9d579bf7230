import { type Answer, isLike } from '../../../shared/door/answers.ts';
import { agrees, choicesOf, isNegative, NOT_ANSWERED } from '../../consent.ts';
import type { ConsentRule } from '../../form-settings.ts';
import type { ConsentAnswer } from '../../schema.ts';
import type { Tree } from './body.ts';
import { isTree } from './shapes.ts';

/** How a true looks on its way through a form. */
const TRUE = ['true', 'yes', 'on', '1', 'checked'];
/** Where HighLevel's contact does not want to be written to. Its API and its hooks write the word in either case. */
const BLOCKED = ['active', 'permanent'];

const refused = (field: string, value: string): ConsentAnswer => ({ field, value, refused: true });

const inAnyCase = (tree: Tree, name: string): unknown =>
  Object.entries(tree).find(([key]) => key.toLowerCase() === name)?.[1];

/** HighLevel: `dnd` for everything, `dndSettings` for each channel. */
const doNotDisturb = (tree: Tree): ConsentAnswer | undefined => {
  if (agrees(choicesOf(tree.dnd), TRUE)) return refused('dnd', 'true');
  const channel = isTree(tree.dndSettings) ? inAnyCase(tree.dndSettings, 'whatsapp') : undefined;
  const [status = ''] = choicesOf(isTree(channel) ? inAnyCase(channel, 'status') : channel);
  return BLOCKED.includes(status.toLowerCase()) ? refused('dndSettings.WhatsApp', status) : undefined;
};

const OWN = 'consent.whatsapp';

/**
 * Our own contract, by that very name: true, or what a rule of that very question calls a yes. A bare `consent` counts for more than
 * a statement, not than an answer.
 */
const ownNo = (tree: Tree, answers: readonly Answer[], { fields, values }: ConsentRule): ConsentAnswer | undefined => {
  const own = answers.filter(({ names }) => names.some((name) => name.toLowerCase() === OWN));
  const isAsked = fields.some((field) => isLike(OWN, field));
  const yes = isAsked ? [...TRUE, ...values.filter((value) => !isNegative(value))] : TRUE;
  const no = own.map(({ value }) => choicesOf(value)).find((given) => !agrees(given, yes));
  if (no) return refused(OWN, no.join('\n') || NOT_ANSWERED);
  const bare = fields.length === 0 && (tree.consent === false || tree.consent === 'false');
  return bare ? refused('consent', 'false') : undefined;
};

/** What in a post is a no whatever the client file says, or undefined. */
export const refusalIn = (tree: Tree, answers: readonly Answer[], rule: ConsentRule): ConsentAnswer | undefined =>
  ownNo(tree, answers, rule) ?? doNotDisturb(tree) ?? (isTree(tree.contact) ? doNotDisturb(tree.contact) : undefined);
