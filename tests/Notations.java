import java.io.File;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.formats.FunctionalSyntaxDocumentFormat;
import org.semanticweb.owlapi.formats.ManchesterSyntaxDocumentFormat;
import org.semanticweb.owlapi.formats.TurtleDocumentFormat;
import org.semanticweb.owlapi.io.FileDocumentSource;
import org.semanticweb.owlapi.model.IRI;
import org.semanticweb.owlapi.model.OWLDocumentFormat;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.model.OWLOntologyLoaderConfiguration;

/** Reads each file in the notation that its name ends with, and no other; says its axioms and imports. */
public class Notations {
    public static void main(String[] files) throws Exception {
        OWLOntologyLoaderConfiguration configuration = new OWLOntologyLoaderConfiguration()
            .addIgnoredImport(IRI.create("https://w3id.org/exoreview/ontology"))
            .addIgnoredImport(IRI.create("https://w3id.org/exoreview/concepts"));
        for (String file : files) {
            try {
                OWLOntology ontology = OWLManager.createOWLOntologyManager()
                    .loadOntologyFromOntologyDocument(
                        new FileDocumentSource(new File(file), format(file)), configuration);
                ontology.axioms().forEach(each -> System.out.println(file + "\t" + each));
                ontology.importsDeclarations().forEach(each -> System.out.println(file + "\t" + each));
            } catch (Exception error) {
                System.out.println(file + "\tunreadable: " + error.getMessage().split("\n")[0]);
            }
        }
    }

    private static OWLDocumentFormat format(String file) {
        return file.endsWith(".omn") ? new ManchesterSyntaxDocumentFormat()
            : file.endsWith(".ofn") ? new FunctionalSyntaxDocumentFormat()
            : new TurtleDocumentFormat();
    }
}
