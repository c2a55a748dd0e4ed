package tech.tailor.secretmanager.testing.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** On a mutant: the tests of the contract that must fail for it, whichever others do. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface CaughtBy {
  String[] value();
}
