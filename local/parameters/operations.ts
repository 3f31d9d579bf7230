import { z } from 'zod';
import { asked } from '../json-service.ts';
import { arnOf, type ParameterStore } from './store.ts';

type Operation = (request: unknown, store: ParameterStore) => object;

/** Request and answer of each operation, by the names of the AWS API. Times are in seconds since 1970. */
export const operations: Record<string, Operation> = {
  GetParameter(request, store) {
    const { Name, WithDecryption } = parse(getParameter, request);
    const { name, value, type, version, changedAt } = store.find(Name);
    const isHidden = type === 'SecureString' && WithDecryption !== true;
    return {
      Parameter: {
        ARN: arnOf(name),
        Name: name,
        Type: type,
        DataType: 'text',
        // What AWS gives then is of no use to anybody.
        Value: isHidden ? 'AQICAHencrypted' : value,
        Version: version,
        LastModifiedDate: changedAt / 1000,
      },
    };
  },

  PutParameter(request, store) {
    const { Name, Value, Type, Overwrite, Tier } = parse(putParameter, request);
    const { version, isAdvanced } = store.put(Name, Value, Type, Overwrite, Tier);
    return { Version: version, Tier: isAdvanced ? 'Advanced' : 'Standard' };
  },

  DeleteParameters(request, store) {
    const { Names } = parse(deleteParameters, request);
    const gone = Names.filter((name) => store.delete(name));
    return { DeletedParameters: gone, InvalidParameters: Names.filter((name) => !gone.includes(name)) };
  },
};

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html */
const Name = z
  .string()
  .min(1)
  .max(1011)
  .regex(/^(?:arn:|\/?[\w.-]+(?:\/[\w.-]+)*$)/);

const getParameter = z.object({ Name, WithDecryption: z.boolean().optional() });
const putParameter = z.object({
  Name,
  Value: z.string().min(1),
  Type: z.enum(['String', 'SecureString']),
  Overwrite: z.boolean().default(false),
  Tier: z.enum(['Standard', 'Advanced', 'Intelligent-Tiering']).default('Standard'),
});
const deleteParameters = z.object({ Names: z.array(Name).min(1).max(10) });

const parse = <T>(schema: z.ZodType<T>, request: unknown): T => asked(schema, request, 'ValidationException');
