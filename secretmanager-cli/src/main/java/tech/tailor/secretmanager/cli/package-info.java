/**
 * The command line {@code secretmanager}. An application, not a library: nothing in here is public.
 */
@NullMarked
package tech.tailor.secretmanager.cli;

import org.jspecify.annotations.NullMarked;
