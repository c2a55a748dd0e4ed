package tech.tailor.secretmanager.integration.published;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** A POM of a repository, with what it inherits from its parents in the same repository. */
final class Pom {

  private static final Pattern PROPERTY = Pattern.compile("\\$\\{([^}]+)}");

  private final Path file;
  private final Element project;
  private final @Nullable Pom parent;

  private Pom(Path file, Element project, @Nullable Pom parent) {
    this.file = file;
    this.project = project;
    this.parent = parent;
  }

  /** Reads a POM and its parents. */
  static Pom read(Path file) {
    try {
      Element project = DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(file.toFile())
          .getDocumentElement();
      Optional<Element> parent = at(project, "parent");
      return new Pom(file, project, parent.isEmpty() ? null : parentOf(file, parent.get()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ParserConfigurationException | SAXException e) {
      throw new IllegalArgumentException(file + " is no POM", e);
    }
  }

  private static Pom parentOf(Path file, Element parent) {
    String relative = at(parent, "relativePath").map(Pom::text).orElse("../pom.xml");
    Path found = file.resolveSibling(relative).normalize();
    if (!Files.isRegularFile(found)) {
      throw new IllegalArgumentException(file + " has a parent outside the repository: " + found);
    }
    return read(found);
  }

  Path file() {
    return file;
  }

  /** The module's directory. */
  Path directory() {
    return file.toAbsolutePath().getParent();
  }

  Optional<Pom> parent() {
    return Optional.ofNullable(parent);
  }

  /** This POM, its parent, and so on to the root. */
  List<Pom> lineage() {
    List<Pom> lineage = new ArrayList<>(List.of(this));
    if (parent != null) {
      lineage.addAll(parent.lineage());
    }
    return lineage;
  }

  String groupId() {
    return value("groupId");
  }

  String artifactId() {
    return ownValue("artifactId");
  }

  String version() {
    return value("version");
  }

  String packaging() {
    String packaging = ownValue("packaging");
    return packaging.isEmpty() ? "jar" : packaging;
  }

  boolean isPublished() {
    return !value("properties/unpublished").equals("true");
  }

  /** The text at a path such as {@code scm/url}, here or at the next parent that has it, or "". */
  String value(String path) {
    return nearest(path).map(element -> interpolated(text(element))).orElse("");
  }

  /** The text at a path in this POM itself, or "". */
  String ownValue(String path) {
    return at(project, path).map(element -> interpolated(text(element))).orElse("");
  }

  /** The text of a child of an element that one of these POMs has, or "". */
  String value(Element element, String child) {
    return at(element, child).map(Pom::text).map(this::interpolated).orElse("");
  }

  /** The children of the nearest element at a path: {@code licenses} gives each license. */
  List<Element> list(String path) {
    return nearest(path).map(Pom::children).orElse(List.of());
  }

  /** The children of an element of this POM itself. */
  List<Element> ownList(String path) {
    return at(project, path).map(Pom::children).orElse(List.of());
  }

  /** Elements of that name wherever they are in this POM itself: also in plug-ins and profiles. */
  List<Element> anywhere(String name) {
    List<Element> found = new ArrayList<>();
    var elements = project.getElementsByTagName(name);
    for (int i = 0; i < elements.getLength(); i++) {
      found.add((Element) elements.item(i));
    }
    return found;
  }

  /** An attribute of the element {@code project} of this POM itself, or "". */
  String attribute(String name) {
    return project.getAttribute(name);
  }

  /** A file that the build makes of the module: {@code ""} is the main jar's classifier. */
  Path built(String classifier) {
    String suffix = classifier.isEmpty() ? "" : "-" + classifier;
    return directory().resolve("target").resolve(artifactId() + "-" + version() + suffix + ".jar");
  }

  @Override
  public String toString() {
    return artifactId();
  }

  private Optional<Element> nearest(String path) {
    Optional<Element> own = at(project, path);
    return own.isPresent() || parent == null ? own : parent.nearest(path);
  }

  /** Replaces properties by their values. An unknown property stays as it is. */
  private String interpolated(String text) {
    return PROPERTY.matcher(text).replaceAll(match -> {
      String name = match.group(1);
      String path = name.startsWith("project.") && !isProperty(name)
          ? name.substring("project.".length()).replace('.', '/')
          : "properties/" + name;
      String value = value(path);
      return Matcher.quoteReplacement(value.isEmpty() ? match.group() : value);
    });
  }

  private boolean isProperty(String name) {
    return nearest("properties/" + name).isPresent();
  }

  private static String text(Element element) {
    return element.getTextContent().strip();
  }

  private static Optional<Element> at(Element element, String path) {
    Optional<Element> found = Optional.of(element);
    for (String name : path.split("/")) {
      found = found.flatMap(inside -> children(inside).stream()
          .filter(child -> child.getTagName().equals(name))
          .findFirst());
    }
    return found;
  }

  private static List<Element> children(Element element) {
    List<Element> children = new ArrayList<>();
    for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element child) {
        children.add(child);
      }
    }
    return children;
  }
}
