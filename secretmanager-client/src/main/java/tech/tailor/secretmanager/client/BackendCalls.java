package tech.tailor.secretmanager.client;

import java.util.Set;

/** How calls to the backend are made: on call threads, or on the calling thread. Thread-safe. */
interface BackendCalls {

  /** Asks for secrets of a vault, at least one. */
  BackendCall ask(String vault, Set<String> names);

  /** Returns whether {@link #ask} makes the call itself, and so holds up its caller. */
  boolean holdUpCaller();

  /** Makes no further calls. Those that wait for a thread fail. */
  void close();
}
