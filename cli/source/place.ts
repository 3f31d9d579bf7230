import { kindOf } from '../../functions/shared/door/kinds.ts';
import { type Client, slices, turnedOn } from '../../lib/client.ts';
import { typedOn } from '../target/command.ts';
import type { Target } from '../target/target.ts';
import { WrongInput } from '../terminal/errors.ts';
import { type AnyConnection, connections } from './connections.ts';

/** A source as a client file turns it on. */
export interface Place {
  readonly template: string;
  /** Its name in the client file: that of its route and of its secret. */
  readonly source: string;
  readonly kind: string;
  readonly settings: unknown;
  readonly templateSettings: unknown;
}

const loadOf = ({ template, kind }: Pick<Place, 'template' | 'kind'>) => connections[`${template}/${kind}`];

/** Kinds of sources that can be connected by a command. */
export const connectableKinds = (): readonly string[] => [
  ...new Set(Object.keys(connections).map((name) => name.replace(/^.*\//, ''))),
];

/** Every source that a client file turns on, with its settings as the function knows them. */
const placesOf = (client: Client): readonly Place[] => {
  const told = slices(client) as Readonly<Record<string, { readonly sources: Readonly<Record<string, unknown>> }>>;
  return turnedOn(client).flatMap(
    ([
      template,
      {
        template: { sources },
      },
    ]) => {
      const templateSettings = told[template];
      return Object.entries(templateSettings?.sources ?? {}).map(([source, settings]) => {
        return { template, source, kind: kindOf(sources, source) ?? source, settings, templateSettings };
      });
    },
  );
};

/** Those of a client that a command can connect. */
export const connectablePlaces = (client: Client): readonly Place[] =>
  placesOf(client).filter((place) => loadOf(place) !== undefined);

/** @throws WrongInput that lists what there is */
export const placeNamed = (client: Client, source: string, template: string | undefined): Place => {
  const all = placesOf(client);
  const named = all.filter((one) => one.source === source);
  const found = named.filter((one) => template === undefined || one.template === template);
  const [place, second] = found;
  if (place === undefined) {
    const where = template === undefined || named.length === 0 ? '' : ` in ${template}`;
    const names = [...new Set(all.map((one) => one.source))].join(', ');
    throw new WrongInput(`${client.name} has no source "${source}"${where}. Turned on are: ${names || 'none'}.`);
  }
  if (second !== undefined) {
    const of = found.map((one) => one.template).join(', ');
    throw new WrongInput(`${source} is a source of ${of}: say which with --template.`);
  }
  if (loadOf(place) !== undefined) return place;
  throw new WrongInput(
    `${source} is connected by hand: functions/${place.template}/sources/${place.kind}/README.md says how. By command: ${connectableKinds().join(', ')}.`,
  );
};

/** What to type for a source of a client. */
export const commandFor = (
  target: Target,
  { template, source }: Place,
  verb = 'connect',
  ...more: readonly string[]
): string => {
  const { client } = target;
  const twice = connectablePlaces(client).filter((one) => one.source === source).length > 1;
  const which = twice ? ['--template', template] : [];
  return typedOn(target, 'source', verb, client.name, source, ...which, ...more);
};

/** What its folder says of connecting it. @throws TypeError for one that no command connects */
export const connectionOf = async (place: Place): Promise<AnyConnection> => {
  const load = loadOf(place);
  if (load === undefined) throw new TypeError(`${place.template}/${place.kind} is connected by no command.`);
  return (await load()).connection;
};

/** Makes the secret of a source that a command connects, where it is ours to choose. */
export const newSecretOf = async (client: Client, source: string): Promise<AnyConnection['newSecret']> => {
  const place = connectablePlaces(client).find((one) => one.source === source);
  return place && (await connectionOf(place)).newSecret;
};
