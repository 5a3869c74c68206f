-- Who merges a sheet knows the fields of its rows and says them (0015 found them in each document
-- anew). They are found there only where nobody said them.
ALTER TABLE analysis.sheets ALTER fields DROP EXPRESSION;
ALTER TABLE analysis.sheets ALTER fields SET DEFAULT '{}';

CREATE FUNCTION analysis.sheet_fields() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.fields := analysis.document_fields(NEW.document);
    RETURN NEW;
END $$;
CREATE TRIGGER fields_born BEFORE INSERT ON analysis.sheets FOR EACH ROW
    WHEN (NEW.document IS NOT NULL AND NEW.fields = '{}')
    EXECUTE FUNCTION analysis.sheet_fields();
CREATE TRIGGER fields_changed BEFORE UPDATE OF document ON analysis.sheets FOR EACH ROW
    WHEN (NEW.fields = OLD.fields AND NEW.document IS DISTINCT FROM OLD.document)
    EXECUTE FUNCTION analysis.sheet_fields();
