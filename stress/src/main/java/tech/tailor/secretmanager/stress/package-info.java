/**
 * What jcstress runs: a reader beside a wipe, each state some millions of times. Beside each rule
 * stands a control that breaks it, so that a harness that can't fail does.
 */
@NullMarked
package tech.tailor.secretmanager.stress;

import org.jspecify.annotations.NullMarked;
