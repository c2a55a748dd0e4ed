package tech.tailor.secretmanager.testing.emulator;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;

/** Descriptors in the language of protobuf. */
final class ProtoText {

  private final StringBuilder text = new StringBuilder();

  private ProtoText() {}

  static String of(FileDescriptor file) {
    ProtoText text = new ProtoText();
    text.line("// Written from the table of messages in the emulator, by its tests.");
    text.line("syntax = \"proto3\";");
    text.line("");
    text.line("package " + file.getPackage() + ";");
    text.line("");
    file.getDependencies().forEach(each -> text.line("import \"" + each.getFullName() + "\";"));
    file.getServices().forEach(text::service);
    file.getEnumTypes().forEach(each -> text.enumeration(each, ""));
    file.getMessageTypes().forEach(text::message);
    return text.text.toString();
  }

  private void service(ServiceDescriptor service) {
    line("");
    line("service " + service.getName() + " {");
    for (MethodDescriptor method : service.getMethods()) {
      line("  rpc " + method.getName() + "(" + method.getInputType().getName() + ") returns ("
          + method.getOutputType().getName() + ");");
    }
    line("}");
  }

  private void enumeration(EnumDescriptor enumeration, String indent) {
    line(indent.isEmpty() ? "" : null);
    line(indent + "enum " + enumeration.getName() + " {");
    for (EnumValueDescriptor value : enumeration.getValues()) {
      line(indent + "  " + value.getName() + " = " + value.getNumber() + ";");
    }
    line(indent + "}");
  }

  private void message(Descriptor message) {
    line("");
    line("message " + message.getName() + " {");
    message.getEnumTypes().forEach(each -> enumeration(each, "  "));
    for (FieldDescriptor field : message.getFields()) {
      line("  " + label(field) + type(field) + " " + field.getName() + " = " + field.getNumber()
          + ";");
    }
    line("}");
  }

  private static String label(FieldDescriptor field) {
    if (field.isRepeated() && !field.isMapField()) {
      return "repeated ";
    }
    return field.toProto().getProto3Optional() ? "optional " : "";
  }

  private static String type(FieldDescriptor field) {
    if (field.isMapField()) {
      return "map<string, string>";
    }
    return switch (field.getJavaType()) {
      case MESSAGE ->
        field.getMessageType().getFile().getPackage().equals(field.getFile().getPackage())
            ? field.getMessageType().getName()
            : field.getMessageType().getFullName();
      case ENUM -> field.getEnumType().getName();
      default -> field.getType().name().toLowerCase(java.util.Locale.ROOT);
    };
  }

  private void line(String line) {
    if (line != null) {
      text.append(line).append('\n');
    }
  }
}
