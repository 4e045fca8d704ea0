//! IMAP: the pre-auth session towards the client, the dial side towards Gmail, the relay.
