package tech.tailor.secretmanager.testing.emulator;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.TimestampProto;

/**
 * The messages and methods of the two services, as descriptors. The table here is the one place
 * that knows their numbers; {@code docs/proto} is written from it.
 */
final class Wire {

  /** The management API of Tailor Platform, as far as it concerns secrets. */
  static final FileDescriptor OPERATOR = operator();

  /** The service that gives sealed values. */
  static final FileDescriptor RUNTIME = runtime();

  private static final String TIMESTAMP = ".google.protobuf.Timestamp";

  private Wire() {}

  private static FileDescriptor operator() {
    FileDescriptorProto.Builder file = file("tailor/v1/operator.proto", "tailor.v1");
    FieldDescriptorProto.Builder workspace = text(1, "workspace_id");
    FieldDescriptorProto.Builder vault = text(2, "secretmanager_vault_name");
    FieldDescriptorProto.Builder secret = text(3, "secretmanager_secret_name");
    FieldDescriptorProto.Builder value = text(4, "secretmanager_secret_value");
    FieldDescriptorProto.Builder nextPage = text(2, "next_page_token");
    FieldDescriptorProto.Builder total =
        field(3, "total_count", FieldDescriptorProto.Type.TYPE_INT64);
    ServiceDescriptorProto.Builder service =
        ServiceDescriptorProto.newBuilder().setName("OperatorService");

    file.addEnumType(enumeration(
        "PageDirection",
        "PAGE_DIRECTION_UNSPECIFIED",
        "PAGE_DIRECTION_ASC",
        "PAGE_DIRECTION_DESC"));
    for (String described : new String[] {"SecretManagerVault", "SecretManagerSecret"}) {
      file.addMessageType(message(
          described,
          text(1, "name"),
          message(2, "create_time", TIMESTAMP),
          message(3, "update_time", TIMESTAMP)));
    }
    file.addMessageType(message("Metadata", labels(1, ".tailor.v1.Metadata.LabelsEntry"))
        .addNestedType(labelsEntry()));
    file.addMessageType(message("AuthInvoker", text(1, "namespace"), text(2, "machine_user_name")));
    file.addMessageType(message(
            "FunctionExecution",
            text(1, "id"),
            text(2, "workspace_id"),
            text(3, "script_name"),
            enumField(4, "status", ".tailor.v1.FunctionExecution.Status"),
            text(5, "logs"),
            message(6, "started_at", TIMESTAMP),
            message(7, "finished_at", TIMESTAMP),
            enumField(8, "type", ".tailor.v1.FunctionExecution.Type"),
            text(9, "result"),
            message(10, "error", ".tailor.v1.FunctionErrorInfo"),
            enumField(11, "error_kind", ".tailor.v1.FunctionErrorKind"))
        .addEnumType(enumeration(
            "Status", "STATUS_UNSPECIFIED", "STATUS_SUCCESS", "STATUS_FAILED", "STATUS_RUNNING"))
        .addEnumType(enumeration("Type", "TYPE_UNSPECIFIED", "TYPE_STANDARD", "TYPE_JOB")));
    file.addMessageType(message("FunctionErrorInfo", text(1, "name"), text(2, "message")));
    file.addEnumType(enumeration(
        "FunctionErrorKind",
        "FUNCTION_ERROR_KIND_UNSPECIFIED",
        "FUNCTION_ERROR_KIND_NONE",
        "FUNCTION_ERROR_KIND_USER_RUNTIME",
        "FUNCTION_ERROR_KIND_USER_NON_RUNTIME",
        "FUNCTION_ERROR_KIND_PLATFORM"));

    FieldDescriptorProto.Builder vaultAnswer = message(1, "vault", ".tailor.v1.SecretManagerVault");
    FieldDescriptorProto.Builder secretAnswer =
        message(1, "secret", ".tailor.v1.SecretManagerSecret");
    FieldDescriptorProto.Builder metadata = message(1, "metadata", ".tailor.v1.Metadata");
    method(
        file,
        service,
        "CreateSecretManagerVault",
        request(workspace, vault),
        response(vaultAnswer));
    method(
        file, service, "GetSecretManagerVault", request(workspace, vault), response(vaultAnswer));
    method(file, service, "DeleteSecretManagerVault", request(workspace, vault), response());
    method(
        file,
        service,
        "ListSecretManagerVaults",
        request(
            workspace,
            text(2, "page_token"),
            field(3, "page_size", FieldDescriptorProto.Type.TYPE_UINT32),
            enumField(4, "page_direction", ".tailor.v1.PageDirection")),
        response(repeated(message(1, "vaults", ".tailor.v1.SecretManagerVault")), nextPage, total));
    method(
        file,
        service,
        "CreateSecretManagerSecret",
        request(workspace, vault, secret, value),
        response(secretAnswer));
    method(
        file,
        service,
        "UpdateSecretManagerSecret",
        request(workspace, vault, secret, value),
        response(secretAnswer));
    method(
        file, service, "DeleteSecretManagerSecret", request(workspace, vault, secret), response());
    method(
        file,
        service,
        "GetSecretManagerSecret",
        request(workspace, vault, secret),
        response(secretAnswer));
    method(
        file,
        service,
        "ListSecretManagerSecrets",
        request(
            workspace,
            vault,
            text(3, "page_token"),
            field(4, "page_size", FieldDescriptorProto.Type.TYPE_UINT32),
            enumField(5, "page_direction", ".tailor.v1.PageDirection")),
        response(
            repeated(message(1, "secrets", ".tailor.v1.SecretManagerSecret")), nextPage, total));
    method(
        file,
        service,
        "SetMetadata",
        request(text(1, "trn"), labels(2, ".tailor.v1.SetMetadataRequest.LabelsEntry"))
            .addNestedType(labelsEntry()),
        response(metadata));
    method(file, service, "GetMetadata", request(text(1, "trn")), response(metadata));
    FieldDescriptorProto.Builder resultMetadata = message(2, "metadata", ".tailor.v1.Metadata");
    file.addMessageType(message("BulkSetMetadataResult", text(1, "trn"), resultMetadata));
    file.addMessageType(message("ListMetadataResult", text(1, "trn"), resultMetadata));
    method(
        file,
        service,
        "BulkSetMetadata",
        request(repeated(message(1, "requests", ".tailor.v1.SetMetadataRequest"))),
        response(repeated(message(1, "results", ".tailor.v1.BulkSetMetadataResult"))));
    method(
        file,
        service,
        "ListMetadata",
        request(
                workspace,
                labels(2, ".tailor.v1.ListMetadataRequest.LabelsEntry"),
                text(3, "page_token"),
                field(4, "page_size", FieldDescriptorProto.Type.TYPE_UINT32),
                enumField(5, "page_direction", ".tailor.v1.PageDirection"))
            .addNestedType(labelsEntry()),
        response(
            repeated(message(1, "results", ".tailor.v1.ListMetadataResult")), nextPage, total));
    method(
        file,
        service,
        "TestExecScript",
        request(
                workspace,
                text(2, "name"),
                text(3, "code"),
                text(4, "arg").setProto3Optional(true).setOneofIndex(0),
                message(5, "invoker", ".tailor.v1.AuthInvoker"))
            .addOneofDecl(OneofDescriptorProto.newBuilder().setName("_arg")),
        response(text(1, "result"), text(3, "execution_id")));
    method(
        file,
        service,
        "GetFunctionExecution",
        request(workspace, text(2, "execution_id")),
        response(message(1, "execution", ".tailor.v1.FunctionExecution")));
    return build(file.addService(service));
  }

  private static FileDescriptor runtime() {
    String kem = ".tailor.secretmanager.v1.Kem";
    FileDescriptorProto.Builder file =
        file("tailor/secretmanager/v1/runtime.proto", "tailor.secretmanager.v1");
    ServiceDescriptorProto.Builder service =
        ServiceDescriptorProto.newBuilder().setName("RuntimeService");
    file.addEnumType(enumeration("Kem", "KEM_UNSPECIFIED", "KEM_X25519", "KEM_P256"));
    file.addMessageType(message(
        "Recipient",
        enumField(1, "kem", kem),
        field(2, "public_key", FieldDescriptorProto.Type.TYPE_BYTES)));
    file.addMessageType(message(
        "FoundSecret",
        text(1, "name"),
        field(2, "version", FieldDescriptorProto.Type.TYPE_INT64),
        message(3, "update_time", TIMESTAMP)));
    method(
        file,
        service,
        "GetSecrets",
        request(
            text(1, "workspace_id"),
            text(2, "vault_name"),
            repeated(text(3, "secret_names")),
            field(4, "nonce", FieldDescriptorProto.Type.TYPE_BYTES),
            repeated(message(5, "recipients", ".tailor.secretmanager.v1.Recipient"))),
        response(
            enumField(1, "kem", kem),
            field(2, "sealed", FieldDescriptorProto.Type.TYPE_BYTES),
            repeated(message(3, "secrets", ".tailor.secretmanager.v1.FoundSecret")),
            repeated(text(4, "missing_names"))));
    return build(file.addService(service));
  }

  private static FileDescriptorProto.Builder file(String name, String packageName) {
    return FileDescriptorProto.newBuilder()
        .setName(name)
        .setPackage(packageName)
        .setSyntax("proto3")
        .addDependency(TimestampProto.getDescriptor().getName());
  }

  private static void method(
      FileDescriptorProto.Builder file,
      ServiceDescriptorProto.Builder service,
      String name,
      DescriptorProto.Builder request,
      DescriptorProto.Builder response) {
    String prefix = "." + file.getPackage() + "." + name;
    file.addMessageType(request.setName(name + "Request"));
    file.addMessageType(response.setName(name + "Response"));
    service.addMethod(MethodDescriptorProto.newBuilder()
        .setName(name)
        .setInputType(prefix + "Request")
        .setOutputType(prefix + "Response"));
  }

  private static DescriptorProto.Builder request(FieldDescriptorProto.Builder... fields) {
    return message("", fields);
  }

  private static DescriptorProto.Builder response(FieldDescriptorProto.Builder... fields) {
    return message("", fields);
  }

  private static DescriptorProto.Builder message(
      String name, FieldDescriptorProto.Builder... fields) {
    DescriptorProto.Builder message = DescriptorProto.newBuilder().setName(name);
    for (FieldDescriptorProto.Builder field : fields) {
      message.addField(field);
    }
    return message;
  }

  private static EnumDescriptorProto enumeration(String name, String... values) {
    EnumDescriptorProto.Builder enumeration = EnumDescriptorProto.newBuilder().setName(name);
    for (int number = 0; number < values.length; number++) {
      enumeration.addValue(
          EnumValueDescriptorProto.newBuilder().setName(values[number]).setNumber(number));
    }
    return enumeration.build();
  }

  private static FieldDescriptorProto.Builder text(int number, String name) {
    return field(number, name, FieldDescriptorProto.Type.TYPE_STRING);
  }

  private static FieldDescriptorProto.Builder field(
      int number, String name, FieldDescriptorProto.Type type) {
    return FieldDescriptorProto.newBuilder()
        .setNumber(number)
        .setName(name)
        .setJsonName(jsonName(name))
        .setType(type)
        .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL);
  }

  /** As protoc writes it; clients that are built from these descriptors look for it. */
  private static String jsonName(String name) {
    StringBuilder jsonName = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      boolean afterUnderscore = i > 0 && name.charAt(i - 1) == '_';
      if (name.charAt(i) != '_') {
        jsonName.append(afterUnderscore ? Character.toUpperCase(name.charAt(i)) : name.charAt(i));
      }
    }
    return jsonName.toString();
  }

  private static FieldDescriptorProto.Builder message(int number, String name, String typeName) {
    return field(number, name, FieldDescriptorProto.Type.TYPE_MESSAGE).setTypeName(typeName);
  }

  private static FieldDescriptorProto.Builder enumField(int number, String name, String typeName) {
    return field(number, name, FieldDescriptorProto.Type.TYPE_ENUM).setTypeName(typeName);
  }

  private static FieldDescriptorProto.Builder repeated(FieldDescriptorProto.Builder field) {
    return field.setLabel(FieldDescriptorProto.Label.LABEL_REPEATED);
  }

  private static FieldDescriptorProto.Builder labels(int number, String entryName) {
    return repeated(message(number, "labels", entryName));
  }

  /** What a map is on the wire. */
  private static DescriptorProto.Builder labelsEntry() {
    return message("LabelsEntry", text(1, "key"), text(2, "value"))
        .setOptions(MessageOptions.newBuilder().setMapEntry(true));
  }

  private static FileDescriptor build(FileDescriptorProto.Builder file) {
    try {
      return FileDescriptor.buildFrom(
          file.build(), new FileDescriptor[] {TimestampProto.getDescriptor()});
    } catch (DescriptorValidationException e) {
      throw new AssertionError("The table of messages is broken", e);
    }
  }
}
