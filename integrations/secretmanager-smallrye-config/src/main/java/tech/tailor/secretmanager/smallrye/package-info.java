/** Secrets in the properties of MicroProfile Config, as SmallRye implements it. */
@NullMarked
package tech.tailor.secretmanager.smallrye;

import org.jspecify.annotations.NullMarked;
