package tech.tailor.secretmanager.testing.emulator;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fields of a message by name; asking for one that its type lacks is a mistake of ours. */
final class Fields {

  private Fields() {}

  static String text(Message message, String name) {
    return (String) message.getField(field(message.getDescriptorForType(), name));
  }

  static ByteString bytes(Message message, String name) {
    return (ByteString) message.getField(field(message.getDescriptorForType(), name));
  }

  static int number(Message message, String name) {
    return (Integer) message.getField(field(message.getDescriptorForType(), name));
  }

  static String enumName(Message message, String name) {
    return ((EnumValueDescriptor) message.getField(field(message.getDescriptorForType(), name)))
        .getName();
  }

  static List<String> texts(Message message, String name) {
    List<String> texts = new ArrayList<>();
    for (Object element : (List<?>) message.getField(field(message.getDescriptorForType(), name))) {
      texts.add((String) element);
    }
    return texts;
  }

  static List<Message> messages(Message message, String name) {
    List<Message> messages = new ArrayList<>();
    for (Object element : (List<?>) message.getField(field(message.getDescriptorForType(), name))) {
      messages.add((Message) element);
    }
    return messages;
  }

  /** A map of texts; of two entries with one key the last counts, as protobuf has it. */
  static Map<String, String> map(Message message, String name) {
    Map<String, String> map = new LinkedHashMap<>();
    for (Message entry : messages(message, name)) {
      map.put(text(entry, "key"), text(entry, "value"));
    }
    return map;
  }

  static void putMap(DynamicMessage.Builder builder, String name, Map<String, String> map) {
    FieldDescriptor field = field(builder.getDescriptorForType(), name);
    map.forEach((key, value) -> builder.addRepeatedField(
        field,
        DynamicMessage.newBuilder(field.getMessageType())
            .setField(field(field.getMessageType(), "key"), key)
            .setField(field(field.getMessageType(), "value"), value)
            .build()));
  }

  static FieldDescriptor field(Descriptor type, String name) {
    FieldDescriptor field = type.findFieldByName(name);
    if (field == null) {
      throw new AssertionError(type.getName() + " has no field " + name);
    }
    return field;
  }

  /** A builder of the message that the field holds. */
  static DynamicMessage.Builder builderOf(Descriptor type, String name) {
    return DynamicMessage.newBuilder(field(type, name).getMessageType());
  }
}
