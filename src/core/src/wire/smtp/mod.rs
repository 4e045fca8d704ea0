//! SMTP: the session towards the client, the dial side towards Gmail, the relay of one message.
