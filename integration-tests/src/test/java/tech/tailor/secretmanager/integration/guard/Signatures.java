package tech.tailor.secretmanager.integration.guard;

import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.domain.properties.HasModifiers;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/** What a public type shows of other types: in its header, its members and its annotations. */
final class Signatures {

  private Signatures() {}

  /** Whether users can see the type: it and all around it are public or protected. */
  static boolean isVisible(JavaClass type) {
    return isVisibleMember(type)
        && type.getEnclosingClass().map(Signatures::isVisible).orElse(true)
        && !type.isAnonymousClass();
  }

  /** Shows only types that the predicate allows; it is asked with the owner and the type shown. */
  static ArchCondition<JavaClass> showOnly(BiPredicate<JavaClass, JavaClass> allowed) {
    return new ArchCondition<>("show only what is allowed") {
      @Override
      public void check(JavaClass owner, ConditionEvents events) {
        shownBy(owner)
            .filter(shown -> !allowed.test(owner, shown))
            .distinct()
            .forEach(shown -> events.add(SimpleConditionEvent.violated(
                owner, owner.getName() + " shows " + shown.getName())));
      }
    };
  }

  private static Stream<JavaClass> shownBy(JavaClass owner) {
    Set<JavaType> types = new LinkedHashSet<>(owner.getTypeParameters());
    owner.getSuperclass().ifPresent(types::add);
    types.addAll(owner.getInterfaces());
    Set<JavaAnnotation<?>> annotations = new LinkedHashSet<>(owner.getAnnotations());
    for (JavaMember member : owner.getMembers()) {
      if (!isVisibleMember(member) || member.getModifiers().contains(JavaModifier.SYNTHETIC)) {
        continue;
      }
      annotations.addAll(member.getAnnotations());
      if (member instanceof JavaField field) {
        types.add(field.getType());
      } else if (member instanceof JavaCodeUnit code) {
        types.add(code.getReturnType());
        types.addAll(code.getTypeParameters());
        types.addAll(code.getParameterTypes());
        types.addAll(code.getExceptionTypes());
        code.getParameters().forEach(parameter -> annotations.addAll(parameter.getAnnotations()));
      }
    }
    return Stream.concat(
            types.stream().flatMap(type -> type.getAllInvolvedRawTypes().stream()),
            annotations.stream().map(JavaAnnotation::getRawType))
        .map(JavaClass::getBaseComponentType);
  }

  private static boolean isVisibleMember(HasModifiers member) {
    return member.getModifiers().contains(JavaModifier.PUBLIC)
        || member.getModifiers().contains(JavaModifier.PROTECTED);
  }
}
