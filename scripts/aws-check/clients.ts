import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, ClientInput } from '../../lib/client.ts';
import { everythingOn } from '../../lib/everything-on.ts';

/** That of most rows, and one whose first deployment is made to fail. Nothing else is made, and nothing else is ever removed. */
export const CHECKED = 'aws-check';
export const SECOND = 'aws-check-2';
export const NAMES: readonly string[] = [CHECKED, SECOND];

/** A host that nobody has: whatever a function would send goes nowhere. */
const NOWHERE = 'https://ezwhatsapp.example';

/**
 * Lambda takes 4 KB of variables of a function, and nothing before it looks: CloudFormation has made all that the sender needs by then, and the
 * layer that the others go by (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
 */
const TOO_MUCH = `${NOWHERE}/${'x'.repeat(4_200)}`;

export interface Variant {
  /** Lambda refuses its sender, and with it CloudFormation the deployment. */
  readonly isRefused?: boolean;
}

/** Everything on, and nobody there: each address is of a host that cannot be. */
export const inputOf = (name: string, aws: Client['aws'], { isRefused = false }: Variant = {}): ClientInput =>
  everythingOn(
    {
      schema: 1,
      name,
      lineId: `line-${name}`,
      country: 'IL',
      zone: 'Asia/Jerusalem',
      locale: 'en',
      aws,
      ezwBaseUrl: isRefused ? TOO_MUCH : NOWHERE,
      // In the layer of all functions: more than one resource is changed, and goes back.
      conversationUrl: isRefused ? `${NOWHERE}/refused` : `${NOWHERE}/conversations`,
      contacts: { operator: { name: 'Check', phone: '+972501234567', email: 'check@agency.example' } },
      delivery: { only: ['+972501234567'] },
      crm: { kind: 'webhook', url: 'https://crm.example/check' },
      escalation: { notifiers: { webhook: { url: 'https://pager.example/check' } } },
      templates: {},
    },
    'https://stand-ins.example',
  );

/** Writes the client file that the command and the CDK read by EZW_CLIENTS. @param project its folder, whose modules the file imports */
export const writeClient = (folder: string, project: string, input: ClientInput): void => {
  // Beside them, for what is loaded as a module.
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
  const module = JSON.stringify(join(project, 'lib', 'client.ts'));
  const text = `import { defineClient } from ${module};\n\nexport default defineClient(${JSON.stringify(input, null, 2)});\n`;
  writeFileSync(join(folder, `${input.name}.ts`), text);
};
