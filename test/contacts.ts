/** The people behind a client file that is about something else. */
export const contacts = {
  operator: { name: 'Dana Levi', phone: '+972501234567', email: 'dana@agency.example' },
};
